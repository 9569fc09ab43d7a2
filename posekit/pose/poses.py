"""Poses: n people as arrays, and Pose: one of them. No picture and no model is needed here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from posekit.errors import PosekitError, nearest, require
from posekit.pose.geometry import joint_angle
from posekit.pose.skeleton import ANGLES, KEYPOINTS, keypoint_index

if TYPE_CHECKING:
    import pandas

Floats = NDArray[np.float32]

#: Keypoints under this score are not drawn or counted unless asked for: the threshold of Google's model page.
THRESHOLD = 0.3


class Keypoint(NamedTuple):
    """One keypoint: pixels (x right, y down) and its score, 0…1."""

    x: float
    y: float
    score: float

    def __repr__(self) -> str:
        return f"Keypoint(x={self.x:.1f}, y={self.y:.1f}, score={self.score:.2f})"


@dataclass(frozen=True, eq=False, repr=False)
class Poses:
    """The people in one picture, the surest first.

    Attributes:
        xy: (n, 17, 2) float32, keypoints in pixels, x right, y down; (0, 0) is the upper left corner of the picture.
        score: (n, 17) float32, confidence of each keypoint, 0…1.
        box: (n, 4) float32, x0, y0, x1, y1 around each person, in pixels.
        confidence: (n,) float32, confidence that there is a person, 0…1.
        size: (width, height) of the picture.
        id: (n,) int, the track each person belongs to; None without a Tracker.
    """

    xy: Floats
    score: Floats
    box: Floats
    confidence: Floats
    size: tuple[int, int]
    id: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        n = len(self.xy)
        for name, shape in {"xy": (n, 17, 2), "score": (n, 17), "box": (n, 4), "confidence": (n,)}.items():
            seen = np.shape(getattr(self, name))
            if seen != shape:
                raise PosekitError(f"Poses.{name} must have shape {shape} for {n} people, but has {seen}")

    @classmethod
    def empty(cls, size: tuple[int, int]) -> Poses:
        """Nobody, in a picture of `size` (width, height)."""
        xy, score, box, confidence = (np.zeros((0, *shape), np.float32) for shape in ((17, 2), (17,), (4,), ()))
        return cls(xy, score, box, confidence, size)

    @classmethod
    def concat(cls, people: Sequence[Poses], size: tuple[int, int]) -> Poses:
        """Several `Poses` of one picture of `size` (width, height) as one, in their order; without ids."""
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
        """One person, the surest first, by number; or some of them as `Poses`, by a slice, a mask or a list of numbers."""
        if isinstance(people, str):
            raise PosekitError(f"keypoints belong to a person: poses[0][{people!r}] is that of the surest one")
        if not isinstance(people, (int, np.integer)):
            return self._some(people if isinstance(people, slice) else _indices(people))
        if not -len(self) <= people < len(self):
            raise IndexError(f"there is no person {people}: {self._people()} in this picture, counted from 0")
        track = None if self.id is None else int(self.id[people])
        return Pose(self.xy[people], self.score[people], self.box[people], float(self.confidence[people]), self.size, track)

    def _some(self, people: Any) -> Poses:
        arrays = (self.xy[people], self.score[people], self.box[people], self.confidence[people])
        return Poses(*arrays, self.size, None if self.id is None else self.id[people])

    def to_parent(self, scale: float, corner: tuple[float, float], size: tuple[int, int]) -> Poses:
        """The same people in the picture that this one is a part of.

        Args:
            scale: pixels of that picture for one of this.
            corner: x, y of this picture's upper left corner in that.
            size: (width, height) of that picture.
        """
        shift = np.array(corner, np.float32)
        xy = self.xy * np.float32(scale) + shift
        return replace(self, xy=xy, box=self.box * np.float32(scale) + np.tile(shift, 2), size=size)

    def above(self, threshold: float = THRESHOLD) -> Poses:
        """The same people; keypoints whose score is under `threshold` become NaN. Scores stay."""
        seen = self.score[..., None] >= threshold
        return replace(self, xy=np.where(seen, self.xy, np.float32(np.nan)))

    def to_pandas(self) -> pandas.DataFrame:
        """A table with one row a keypoint: person, keypoint, x, y, score, and id where there are tracks."""
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
        """The results format of the COCO keypoint challenge: one dict a person, with x, y, score of each keypoint."""
        rows = np.concatenate([self.xy, self.score[..., None]], axis=-1).reshape(-1, 51)
        return [
            {"image_id": image_id, "category_id": 1, "keypoints": row.tolist(), "score": float(sure)}
            for row, sure in zip(rows, self.confidence, strict=True)
        ]

    def __repr__(self) -> str:
        return f"Poses({self._people()}, {self.size[0]}×{self.size[1]}{self._seen()})"

    def _people(self) -> str:
        return {0: "nobody", 1: "1 person"}.get(len(self), f"{len(self)} people")

    def _seen(self) -> str:
        counts = [str(int(n)) for n in (self.score >= THRESHOLD).sum(axis=1)]
        return f", {' + '.join(counts)}/17 keypoints over {THRESHOLD}" if counts else ""

    def _repr_html_(self) -> str:
        from posekit.pose.html import poses_html

        return poses_html(repr(self), self.size, self.xy, self.score, self.confidence, THRESHOLD)


@dataclass(frozen=True, eq=False, repr=False)
class Pose:
    """One person.

    Attributes:
        xy: (17, 2) float32, pixels, x right, y down.
        score: (17,) float32, 0…1.
        box: (4,) float32, x0, y0, x1, y1, pixels.
        confidence: that there is a person, 0…1.
        size: (width, height) of the picture.
        id: the track, or None.
    """

    xy: Floats
    score: Floats
    box: Floats
    confidence: float
    size: tuple[int, int]
    id: int | None = None

    def __getitem__(self, name: str) -> Keypoint:
        """The keypoint called `name`: x, y, score.

        Raises:
            PosekitError: there is no such keypoint.
        """
        i = keypoint_index(name)
        return Keypoint(float(self.xy[i, 0]), float(self.xy[i, 1]), float(self.score[i]))

    def angle(self, joint: str) -> float:
        """The angle at a joint of the picture's person, in degrees, 0…180: 180 is a straight limb.

        Args:
            joint: elbow, shoulder, hip or knee with its side, such as `"left_knee"`.

        Returns:
            The angle in the plane of the picture; NaN where one of its three points is missing (see `Poses.above`)
            or two are the same.

        Raises:
            PosekitError: there is no angle of that name.
        """
        if joint not in ANGLES:
            raise PosekitError(f"there is no angle {joint!r}; {nearest(joint, tuple(ANGLES))}")
        return float(joint_angle(self.xy[list(ANGLES[joint])]))

    def __repr__(self) -> str:
        track = "" if self.id is None else f"id {self.id}, "
        seen = int((self.score >= THRESHOLD).sum())
        return f"Pose({track}confidence {self.confidence:.2f}, {seen}/17 keypoints over {THRESHOLD})"


def _indices(people: Any) -> NDArray[Any]:
    """A mask or numbers as an array; an empty list chooses nobody."""
    chosen = np.asarray(people)
    return chosen if chosen.size or chosen.dtype == bool else chosen.astype(int)
