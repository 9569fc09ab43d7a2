"""Long clips in pieces: where to cut, and how to join the tracks of the pieces.

Each piece but the first starts a little before its cut, so that its tracker has warmed up there; in this overlap, people are
recognised by their poses, which two trackers find in the same frames.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from posekit.errors import PosekitError, require
from posekit.image import Floats
from posekit.pose import oks

if TYPE_CHECKING:
    import pandas

#: Frames in a piece: about 20 s of work. A clip is cut only if that makes at least two pieces.
PIECE = 2000

#: Seconds by which a piece overlaps the previous one. A track lives one second unseen, and smoothing forgets faster.
OVERLAP = 2.0

#: Two poses in one frame whose mean OKS is above this are of the same person.
SAME_OKS = 0.5

#: The times that two readers give for the same frame differ by less than this, in seconds.
_EXACT = 1e-6


class PiecesDifferError(PosekitError):
    """The pieces of a clip do not fit together: its index of key frames is wrong."""


def cuts_of(frames: int, fps: float) -> list[float]:
    """Where to cut a clip into pieces of equal length, in seconds; each cut is between two frames.

    Args:
        frames: how many frames the clip has.
        fps: frames per second.
    """
    count = frames // PIECE
    return [round((round(i * frames / count) - 0.5) / fps, 6) for i in range(1, count)]


def spans_of(cuts: Sequence[float]) -> list[tuple[float, float]]:
    """The pieces between the cuts: start and end in seconds, with the overlap."""
    starts = [0.0, *(max(0.0, cut - OVERLAP) for cut in cuts)]
    return list(zip(starts, [*cuts, float("inf")], strict=True))


def joined(pieces: Iterable[tuple[Sequence[float], pandas.DataFrame]], cuts: Sequence[float]) -> tuple[int, pandas.DataFrame]:
    """Joins the pieces of a clip.

    Args:
        pieces: for each piece, the times of its frames in seconds, and its tracks.
        cuts: what `cuts_of` returned.

    Returns:
        How many frames there are, and the tracks; people keep their ids across the cuts.

    Raises:
        PiecesDifferError: two pieces have different frames where they overlap.
    """
    (times, whole), *rest = pieces
    frames, tables = len(times), [whole]
    last_id = _largest(whole["id"])
    for cut, (after_times, after) in zip(cuts, rest, strict=True):
        overlap = [time for time in after_times if time < cut]
        before_times = times[-len(overlap) :] if overlap else []
        if not overlap or len(before_times) != len(overlap) or np.abs(np.subtract(before_times, overlap)).max() > _EXACT:
            raise PiecesDifferError(f"the frames before {cut:g} s are not the same in the two pieces that meet there")
        ids = _same_people(_poses(tables[-1], before_times), _poses(after, overlap))
        after = after[after["time"] >= cut]
        for new in dict.fromkeys(after["id"].tolist()):
            if new not in ids:
                last_id += 1
                ids[new] = last_id
        number = after["frame"] - len(overlap) + frames
        tables.append(after.assign(id=after["id"].map(ids).astype(np.int32), frame=number.astype(np.int32)))
        frames, times = frames + len(after_times) - len(overlap), after_times
    return frames, require("pandas", extra="batch").concat(tables, ignore_index=True)


def _largest(ids: pandas.Series[int]) -> int:
    return int(ids.max()) if len(ids) else 0


#: The frame's number in the overlap → id → the pose (17, 2).
Overlap = dict[int, dict[int, Floats]]


def _poses(tracks: pandas.DataFrame, times: Sequence[float]) -> Overlap:
    rows = tracks[tracks["time"] >= times[0] - _EXACT]
    xy = rows[["x", "y"]].to_numpy(np.float32).reshape(-1, 17, 2)
    numbers = np.searchsorted(np.asarray(times) + _EXACT, rows["time"].to_numpy()[::17])
    found: Overlap = {}
    for number, person, pose in zip(numbers.tolist(), rows["id"].to_numpy()[::17].tolist(), xy, strict=True):
        found.setdefault(number, {})[person] = pose
    return found


def _same_people(before: Overlap, after: Overlap) -> dict[int, int]:
    """Ids after the cut → ids before it; pairs that agree in the most frames are matched first."""
    agree = Counter(
        (new, old)
        for number in before.keys() & after.keys()
        for new, a in after[number].items()
        for old, b in before[number].items()
        if oks(a, b, np.concatenate([b.min(axis=0), b.max(axis=0)])).mean() > SAME_OKS
    )
    ids: dict[int, int] = {}
    for (new, old), _ in agree.most_common():
        if new not in ids and old not in ids.values():
            ids[new] = old
    return ids
