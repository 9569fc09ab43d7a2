"""Tables of tracks → arrays, checked once, so that no other module needs to know what such a table looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from posekit.errors import PosekitError
from posekit.motion.checks import check_times, threshold_of
from posekit.pose import INDEX, KEYPOINTS

if TYPE_CHECKING:
    import pandas

_COLUMNS = ("frame", "time", "id", "keypoint", "x", "y", "score")


@dataclass(frozen=True)
class Track:
    """Some or all rows of a table of tracks as arrays, one pose per row; NaN where a point or a keypoint's row is missing.

    Attributes:
        frame: (n,) frame numbers.
        time: (n,) seconds.
        id: (n,) ids of the people.
        xy: (n, 17, 2) in square pixels.
        score: (n, 17) 0…1.
    """

    frame: NDArray[np.int64]
    time: NDArray[np.float64]
    id: NDArray[np.int64]
    xy: NDArray[np.float64]
    score: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, rows: Any) -> Track:
        return Track(self.frame[rows], self.time[rows], self.id[rows], self.xy[rows], self.score[rows])

    def above(self, threshold: float) -> NDArray[np.float64]:
        """The points, (n, 17, 2) in square pixels, NaN where the score is below `threshold`."""
        return np.where(self.score[..., None] >= threshold_of(threshold), self.xy, np.nan)


def read_tracks(table: pandas.DataFrame) -> Track:
    """The poses of a table of tracks, sorted by time, then by id.

    Where the clip's pixels are not square (`attrs["pixel_aspect"]`), x is stretched as a player stretches the picture.

    Raises:
        PosekitError: `table` is not such a table.
    """
    missing = [name for name in _COLUMNS if name not in getattr(table, "columns", ())]
    if missing:
        seen = ", ".join(map(str, table.columns)) if hasattr(table, "columns") else type(table).__name__
        raise PosekitError(
            f"expected a table of tracks, as annotate_video returns it; it lacks {', '.join(missing)} (it has: {seen})"
        )
    unknown = sorted({str(each) for each in table["keypoint"].unique()} - set(KEYPOINTS))
    if unknown:
        raise PosekitError(f"expected the 17 keypoints of MoveNet and COCO; the table has {', '.join(unknown[:3])}, too")
    try:
        if getattr(table["time"].dtype, "kind", "") in "mM":
            raise PosekitError("expected seconds in the column time of the table of tracks; it holds dates or durations")
        frame, person = (_whole(table, name) for name in ("frame", "id"))
        time, x, y, score = (table[name].to_numpy(dtype=float) for name in ("time", "x", "y", "score"))
        x = x * float(table.attrs.get("pixel_aspect", 1.0))
    except PosekitError:
        raise
    except (TypeError, ValueError) as error:
        raise PosekitError(f"a column of the table of tracks holds something that is no number: {error}") from None
    keys, first, row = np.unique(np.stack([frame, person], axis=1), axis=0, return_index=True, return_inverse=True)
    joint = table["keypoint"].astype(str).map(INDEX).to_numpy(dtype=np.int64)
    order = np.lexsort([joint, person, frame])
    check_times(frame[order], time[order])
    _check_single(frame[order], person[order], joint[order])
    xy, scores = np.full((len(keys), 17, 2), np.nan), np.zeros((len(keys), 17))
    xy[row.ravel(), joint] = np.stack([x, y], axis=1)
    scores[row.ravel(), joint] = score
    return Track(keys[:, 0], time[first], keys[:, 1], xy, scores)


def _whole(table: pandas.DataFrame, name: str) -> NDArray[np.int64]:
    """A column of whole numbers, as an array."""
    values = table[name].to_numpy(dtype=float)
    if not (values == np.round(values)).all():
        wrong = values[values != np.round(values)][0]
        raise PosekitError(f"expected whole numbers in the column {name} of the table of tracks; it has {wrong}, too")
    return values.astype(np.int64)


def _check_single(frame: NDArray[Any], person: NDArray[Any], joint: NDArray[Any]) -> None:
    """Checks that no point occurs twice, as in rows of two clips, or of two people under one id. The rows are sorted."""
    twice = np.flatnonzero((np.diff(frame) == 0) & (np.diff(person) == 0) & (np.diff(joint) == 0))
    if len(twice):
        i = int(twice[0])
        raise PosekitError(
            f"the {KEYPOINTS[joint[i]]} of id {person[i]} is in frame {frame[i]} twice; the table must hold one clip, "
            "and an id for each person"
        )


def people(table: pandas.DataFrame) -> dict[int, Track]:
    """The track of each person, by id.

    Raises:
        PosekitError: `table` is not a table of tracks.
    """
    tracks = read_tracks(table)
    return {int(person): tracks[tracks.id == person] for person in np.unique(tracks.id)}
