"""`Poses`: n people as arrays, and `Pose`: one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from posekit.errors import PosekitError, nearest, require
from posekit.pose.geometry import joint_angle
from posekit.pose.readonly import read_only
from posekit.pose.skeleton import ANGLES, KEYPOINTS, keypoint_index
from posekit.pose.words import count_people

if TYPE_CHECKING:
    import pandas

Floats = NDArray[np.float32]

#: Keypoints below this score are neither drawn nor counted unless asked for: the threshold of Google's model page.
THRESHOLD = 0.3

_JOINTS = np.array(list(ANGLES.values()))


class Keypoint(NamedTuple):
    """One keypoint: pixels (x right, y down) and its score, 0…1."""

    x: float
    y: float
    score: float

    def __repr__(self) -> str:
        return f"Keypoint(x={self.x:.1f}, y={self.y:.1f}, score={self.score:.2f})"


@dataclass(frozen=True, eq=False, repr=False)
class Poses:
    """The people in one picture, the most confident detection first.

    The arrays are read-only: to change one, change a copy and use `dataclasses.replace(poses, xy=xy)`.

    Attributes:
        xy: (n, 17, 2) float32, keypoints in pixels, x right, y down; (0, 0) is the upper left corner of the picture.
        score: (n, 17) float32, confidence of each keypoint, 0…1.
        box: (n, 4) float32, x0, y0, x1, y1 around each person, in pixels.
        confidence: (n,) float32, confidence that there is a person, 0…1.
        size: (width, height) of the picture, in pixels.
        id: (n,) int64, the track each person belongs to; None without a Tracker.

    Raises:
        PosekitError: an array has the wrong shape or does not hold numbers.
    """

    xy: Floats
    score: Floats
    box: Floats
    confidence: Floats
    size: tuple[int, int]
    id: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        _freeze(self, ("xy", "score", "box", "confidence"), np.float32)
        if self.id is not None:
            _freeze(self, ("id",), np.int64)
        n = len(np.atleast_1d(self.xy))
        for name, shape in {"xy": (n, 17, 2), "score": (n, 17), "box": (n, 4), "confidence": (n,), "id": (n,)}.items():
            seen = np.shape(getattr(self, name))
            if seen != shape and not (name == "id" and self.id is None):
                raise PosekitError(f"Poses.{name} must have shape {shape} for {count_people(n)}, but has {seen}")

    def __reduce__(self) -> tuple[type[Poses], tuple[Any, ...]]:
        return Poses, (self.xy, self.score, self.box, self.confidence, self.size, self.id)

    @classmethod
    def empty(cls, size: tuple[int, int]) -> Poses:
        """No people, in a picture of `size` (width, height)."""
        xy, score, box, confidence = (np.zeros((0, *shape), np.float32) for shape in ((17, 2), (17,), (4,), ()))
        return cls(xy, score, box, confidence, size)

    @classmethod
    def concat(cls, people: Sequence[Poses], size: tuple[int, int]) -> Poses:
        """Joins several `Poses` of one picture of `size` (width, height), in the order given; ids are left out."""
        every = [cls.empty(size), *people]
        names = ("xy", "score", "box", "confidence")
        xy, score, box, confidence = (np.concatenate([getattr(each, name) for each in every]) for name in names)
        return cls(xy, score, box, confidence, size)

    def __len__(self) -> int:
        return len(self.xy)

    def __iter__(self) -> Iterator[Pose]:
        return (self[i] for i in range(len(self)))

    @overload
    def __getitem__(self, people: int) -> Pose: ...
    @overload
    def __getitem__(self, people: slice | Sequence[int] | Sequence[bool] | NDArray[Any]) -> Poses: ...
    def __getitem__(self, people: Any) -> Pose | Poses:
        """One person by index, from 0; or several as `Poses`, by a slice, a mask or a list of indices.

        Raises:
            IndexError: there is no such person, or the mask or list is not one-dimensional or has the wrong length or type.
            PosekitError: `people` is the name of a keypoint, which belongs to one person.
        """
        if isinstance(people, str):
            raise PosekitError(f"a keypoint belongs to one person: write poses[0][{people!r}] for that of the first")
        if not isinstance(people, (int, np.integer)):
            return self._some(people if isinstance(people, slice) else self._indices(people))
        if not -len(self) <= people < len(self):
            raise IndexError(f"there is no person {people}: {count_people(len(self))} in this picture, counted from 0")
        track = None if self.id is None else int(self.id[people])
        return Pose(self.xy[people], self.score[people], self.box[people], float(self.confidence[people]), self.size, track)

    def _some(self, people: Any) -> Poses:
        arrays = (self.xy[people], self.score[people], self.box[people], self.confidence[people])
        return Poses(*arrays, self.size, None if self.id is None else self.id[people])

    def _indices(self, people: Any) -> NDArray[Any]:
        """A mask or indices as an array; an empty list selects nobody."""
        chosen = np.asarray(people)
        chosen = chosen if chosen.size or chosen.dtype == bool else chosen.astype(int)
        if chosen.ndim != 1 or chosen.dtype.kind not in "biu" or (chosen.dtype == bool and len(chosen) != len(self)):
            raise IndexError(f"choose people by a number, a slice, a list of numbers, or a mask of {len(self)}, not {people!r}")
        return chosen

    def to_parent(self, scale: float, corner: tuple[float, float], size: tuple[int, int]) -> Poses:
        """The same people in the coordinates of the parent, the picture that this one was cut from.

        Args:
            scale: pixels of the parent per pixel of this picture.
            corner: x, y of this picture's upper left corner in the parent, in pixels.
            size: (width, height) of the parent, in pixels.
        """
        shift = np.array(corner, np.float32)
        xy = self.xy * np.float32(scale) + shift
        return replace(self, xy=xy, box=self.box * np.float32(scale) + np.tile(shift, 2), size=size)

    def above(self, threshold: float = THRESHOLD) -> Poses:
        """The same people; keypoints whose score is below `threshold` become NaN. Scores stay as they are."""
        seen = self.score[..., None] >= threshold
        return replace(self, xy=np.where(seen, self.xy, np.float32(np.nan)))

    def to_pandas(self) -> pandas.DataFrame:
        """A table with one row per keypoint: person, keypoint, x, y, score, and id if there are tracks."""
        pd = require("pandas", extra="notebooks")
        people = np.repeat(np.arange(len(self)), 17)
        table = {
            "person": people,
            "keypoint": np.tile(KEYPOINTS, len(self)),
            "x": self.xy[..., 0].ravel(),
            "y": self.xy[..., 1].ravel(),
            "score": self.score.ravel(),
        }
        if self.id is not None:
            table["id"] = self.id[people]
        frame: pandas.DataFrame = pd.DataFrame(table)
        return frame

    def to_coco(self, image_id: int = 0) -> list[dict[str, Any]]:
        """The people in the results format of the COCO keypoint challenge: a dict per person, with x, y, score of each keypoint.

        JSON has no NaN, so a keypoint that `above` removed becomes 0, 0 with score 0, as is COCO's convention.
        """
        return [
            {"image_id": image_id, "category_id": 1, "keypoints": row.tolist(), "score": float(confidence)}
            for row, confidence in zip(coco_keypoints(self.xy, self.score), np.nan_to_num(self.confidence), strict=True)
        ]

    def __repr__(self) -> str:
        return f"Poses({count_people(len(self))}, {self.size[0]}×{self.size[1]}{self._keypoint_counts()})"

    def _keypoint_counts(self) -> str:
        counts = [str(int(n)) for n in (self.score >= THRESHOLD).sum(axis=1)]
        return f", {' + '.join(counts)}/17 keypoints over {THRESHOLD}" if counts else ""

    def _repr_html_(self) -> str:
        from posekit.pose.html import poses_html

        return poses_html(repr(self), self.size, self.xy, self.score, self.confidence, THRESHOLD)


@dataclass(frozen=True, eq=False, repr=False)
class Pose:
    """One person. The arrays are read-only, like those of `Poses`.

    Attributes:
        xy: (17, 2) float32, pixels, x right, y down.
        score: (17,) float32, 0…1.
        box: (4,) float32, x0, y0, x1, y1, pixels.
        confidence: confidence that there is a person, 0…1.
        size: (width, height) of the picture, in pixels.
        id: the track, or None.
    """

    xy: Floats
    score: Floats
    box: Floats
    confidence: float
    size: tuple[int, int]
    id: int | None = None

    def __post_init__(self) -> None:
        _freeze(self, ("xy", "score", "box"), np.float32)

    def __reduce__(self) -> tuple[type[Pose], tuple[Any, ...]]:
        return Pose, (self.xy, self.score, self.box, self.confidence, self.size, self.id)

    def __getitem__(self, name: str) -> Keypoint:
        """The keypoint called `name`: x, y, score.

        Raises:
            PosekitError: there is no such keypoint.
        """
        i = keypoint_index(name)
        return Keypoint(float(self.xy[i, 0]), float(self.xy[i, 1]), float(self.score[i]))

    def angle(self, joint: str) -> float:
        """The angle at a joint, in the plane of the picture, in degrees, 0…180: 180 is a straight limb.

        Args:
            joint: elbow, shoulder, hip or knee with its side, such as `"left_knee"`.

        Returns:
            The angle; NaN where one of its three points is missing (see `Poses.above`) or two coincide.

        Raises:
            PosekitError: there is no angle of that name.
        """
        if joint not in ANGLES:
            raise PosekitError(f"there is no angle {joint!r}; {nearest(joint, tuple(ANGLES))}")
        return self._angles[joint]

    @cached_property
    def _angles(self) -> dict[str, float]:
        """All eight angles, since computing them takes as long as computing one."""
        return dict(zip(ANGLES, joint_angle(self.xy[_JOINTS]).tolist(), strict=True))

    def __repr__(self) -> str:
        track = "" if self.id is None else f"id {self.id}, "
        seen = int((self.score >= THRESHOLD).sum())
        return f"Pose({track}confidence {self.confidence:.2f}, {seen}/17 keypoints over {THRESHOLD})"


def _freeze(instance: Poses | Pose, names: Sequence[str], dtype: type) -> None:
    for name in names:
        try:
            frozen = read_only(getattr(instance, name), dtype)
        except (TypeError, ValueError) as error:
            raise PosekitError(f"{type(instance).__name__}.{name} must hold numbers: {error}") from None
        object.__setattr__(instance, name, frozen)


def coco_keypoints(xy: Floats, score: Floats) -> Floats:
    """Keypoints in COCO's layout, (n, 51): x, y, score of each; 0, 0, 0 where one is missing.

    Args:
        xy: (n, 17, 2), NaN where a keypoint is missing.
        score: (n, 17).
    """
    rows = np.concatenate([xy, score[..., None]], axis=-1)
    return np.where(np.isfinite(rows).all(axis=-1, keepdims=True), rows, rows.dtype.type(0)).reshape(-1, 51)
