"""MoveNet: the only code that knows the order (y, x, score) of the model's output."""

from __future__ import annotations

import math
import os
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from posekit import models
from posekit.errors import PosekitError, UnknownModelError
from posekit.estimate.interpreter import Interpreter
from posekit.estimate.refine import MIN_LOCATED_SCORE, refine
from posekit.image import RGB, Floats, Region, check_rgb
from posekit.pose import Poses, nms

#: Default `min_confidence` after two passes, by input size. Tried on 82 views of large people in COCO train photos, many of them
#: cut off or partly hidden, and on 325 pictures without people: Lightning misses 12 of the people and finds somebody in 5 of the
#: pictures; Thunder misses 8 and finds somebody in 3. Lower values (0.09, 0.12) miss 8 and 4, but live they let more false
#: detections through. That was with a crop around keypoints over 0.15. With those over 0.1 (`MIN_LOCATED_SCORE`), Thunder finds
#: somebody in 2 of 65 pictures without people at 0.15, and in 1 at 0.16; of the 48 views that refine.py describes, none scores
#: below 0.28. int8 scores lower: at 0.10 the official Lightning file misses 7, and finds somebody in 9.
MIN_CONFIDENCE = {192: 0.13, 256: 0.16}
MIN_CONFIDENCE_INT8 = {192: 0.10, 256: 0.12}

#: Default `min_confidence` after one pass of a single-pose model: the usual limit for the mean score (TensorFlow's examples).
MIN_CONFIDENCE_ONE_PASS = 0.3

#: Default `min_confidence` of MultiPose, for its own score: it finds somebody in 1 % of 137 COCO photos without people, and misses
#: no large person.
MIN_CONFIDENCE_MULTIPOSE = 0.2

#: The longer side of what MultiPose sees by default, in pixels; multiples of 32 up to 512 are usual.
MULTIPOSE_SIZE = 256


class MoveNet:
    """A MoveNet model: call it with a picture and it answers with `Poses`.

    Threads may share it. A pickle holds its name or path and its settings; unpickling opens the file again, and fetches a model of
    the catalogue where it is missing.

    Args:
        path: the TFLite file.
        name: a name in the catalogue, or any other.
        threads: how many threads the interpreter uses; by default the number of cores.
        input_size: the longer side of what MultiPose sees, in pixels.

    Attributes:
        name: as given.
        path: the TFLite file.
        input_size: side of the square it sees, in pixels.
        live_size: side of the square that a live picture is shrunk to, in pixels.
        max_people: how many people it can find.

    Raises:
        UnknownModelError: the file is missing, or is not MoveNet.
        PosekitError: the model does not take that input size.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, name: str = "movenet", threads: int | None = None, input_size: int | None = None
    ) -> None:
        self.name, self.path, self._threads = name, Path(path), threads
        self._interpreter = Interpreter(self.path, threads, MULTIPOSE_SIZE)
        shape = self._interpreter.output_shape
        self.max_people = {(1, 1, 17, 3): 1, (1, 6, 56): 6}.get(shape, 0)
        if not self.max_people:
            raise UnknownModelError(f"{path} is not MoveNet: it answers with an array {shape}")
        self.input_size = self.live_size = self._checked_size(input_size)

    def __getstate__(self) -> dict[str, Any]:
        ours = self.name in models.CATALOGUE and self.path == models.path(self.name)
        path = None if ours else self.path.absolute()
        return {"path": path, "name": self.name, "threads": self._threads, "input_size": self.input_size}

    def __setstate__(self, state: dict[str, Any]) -> None:
        MoveNet.__init__(self, **{**state, "path": state["path"] or models.fetch(state["name"])})

    def infer(self, square: RGB) -> Floats:
        """One pass over one square: the primitive.

        Args:
            square: (S, S, 3) uint8 RGB, where S is `input_size`. MultiPose also takes rectangles whose sides are multiples of 32.

        Returns:
            (n, 17, 3) float32: x, y, score of each keypoint, x and y as shares of the sides, 0…1. n is `max_people`, however many
            people there are.

        Raises:
            PosekitError: the square has another size or type, or the model answers with NaN.
        """
        return _keypoints(self._run(square))

    def look(self, image: RGB, region: Region | None = None) -> Poses:
        """One pass over one region of a picture, by default the whole.

        Returns:
            For a single-pose model one person, however low the score; for MultiPose everyone whose score is above 0, without
            duplicates. The confidence is the mean score of the keypoints, or MultiPose's own score.

        Raises:
            ImageError: `image` is not (H, W, 3) uint8, or the region lies outside it.
            PosekitError: the model answers with NaN.
        """
        check_rgb(image)
        size = image.shape[1], image.shape[0]
        square, scale, offset = (region or Region.whole(size)).cut(image, self.input_size)
        if region is None and self._interpreter.any_size:
            square, share, start = _without_bars(square, size)
            scale, offset = scale * share, scale * start + offset
        raw = self._run(square)
        points = _keypoints(raw)
        xy, score = points[..., :2] * scale + offset, points[..., 2]
        if self.max_people == 1:
            return Poses(xy, score, _boxes(xy, score), score.mean(axis=1), size)
        box = raw[:, [52, 51, 54, 53]].reshape(-1, 2, 2) * scale + offset
        found = Poses(xy, score, box.reshape(-1, 4), raw[:, 55], size)
        return nms(found[raw[:, 55] > 0])

    def __call__(self, image: RGB, *, passes: int | None = None, min_confidence: float | None = None) -> Poses:
        """Finds the people in a picture.

        Args:
            image: (H, W, 3) uint8 RGB; `posekit.read_image` makes one from any source.
            passes: 1, or 2 (the default of the single-pose models): the whole picture, then a crop around the person found.
                The second look locates joints more exactly, and where the two looks disagree, the confidence is low.
            min_confidence: people whose confidence is lower are left out; by default a value measured for this model.

        Returns:
            The people in pixels of `image`, the most confident first.

        Raises:
            ImageError: `image` is not such an array.
            PosekitError: this model cannot make that many passes.
        """
        if passes is None:
            passes = 2 if self.max_people == 1 else 1
        if passes not in (1, 2) or (passes == 2 and self.max_people > 1):
            raise PosekitError(f"{self.name} cannot make {passes} passes; give passes=1{' or 2' * (self.max_people == 1)}")
        poses = self.look(image)
        if passes == 2:
            poses = refine(self, image, poses)
        return poses[poses.confidence >= (self.default_min_confidence(passes) if min_confidence is None else min_confidence)]

    def default_min_confidence(self, passes: int) -> float:
        """The `min_confidence` that was measured for this model, after one or two passes."""
        if self.max_people > 1:
            return MIN_CONFIDENCE_MULTIPOSE
        if passes == 1:
            return MIN_CONFIDENCE_ONE_PASS
        return (MIN_CONFIDENCE_INT8 if self._is_int8 else MIN_CONFIDENCE).get(self.input_size, 0.15)

    @cached_property
    def _is_int8(self) -> bool:
        return models.quantisation(self.path) == "int8"

    def _checked_size(self, wanted: int | None) -> int:
        fixed = None if self._interpreter.any_size else self._interpreter.input_shape[0]
        if wanted is None:
            return fixed or MULTIPOSE_SIZE
        if wanted != (fixed or wanted) or wanted % 32 or wanted < 32:
            takes = f"{fixed} only" if fixed else "multiples of 32"
            raise PosekitError(f"{self.name} cannot see {wanted}×{wanted} pixels; it takes {takes}")
        return wanted

    def _run(self, square: RGB) -> Floats:
        """The model's raw output for one square: (people, columns)."""
        height, width = square.shape[:2]
        fits = height % 32 == width % 32 == 0 if self._interpreter.any_size else (height, width) == self._interpreter.input_shape
        if not fits or square.shape[2:] != (3,) or square.dtype != np.uint8:
            wanted = f"({self.input_size}, {self.input_size}, 3)"
            raise PosekitError(f"expected a square {wanted} of uint8, got {square.dtype} {square.shape}; Region.cut makes one")
        raw = self._interpreter.run(square).reshape(self.max_people, -1)
        if not np.isfinite(raw).all():
            raise PosekitError(f"{self.name} answered with NaN: the file {self.path} is damaged, or was converted wrongly")
        return raw

    def __repr__(self) -> str:
        many = f", up to {self.max_people} people" if self.max_people > 1 else ""
        return f"MoveNet({self.name}, {self.input_size}×{self.input_size}{many})"

    def _repr_html_(self) -> str:
        rows = {
            "sees": f"a square of {self.input_size}×{self.input_size} pixels, RGB",
            "finds": f"17 keypoints of up to {self.max_people} people" if self.max_people > 1 else "17 keypoints of one person",
            "file": f"{self.path.name}, {self.path.stat().st_size / 1e6:.1f} MB",
        }
        cells = "".join(f'<tr><th scope="row">{key}</th><td>{escape(row)}</td></tr>' for key, row in rows.items())
        return f"<table><caption>MoveNet {escape(self.name)}</caption>{cells}</table>"


def _without_bars(square: RGB, size: tuple[int, int]) -> tuple[RGB, Floats, Floats]:
    """The middle of a letterbox, with as little of its black bars as sides that are multiples of 32 allow.

    Returns:
        The rectangle, and where it lies in the square, as shares of its side: the size (2,) and the upper left corner (2,).
    """
    side = len(square)
    width, height = (min(side, math.ceil(side * length / max(size) / 32) * 32) for length in size)
    x, y = (side - width) // 2, (side - height) // 2
    share, start = np.array([[width, height], [x, y]], np.float32) / side
    return square[y : y + height, x : x + width], share, start


def _keypoints(raw: Floats) -> Floats:
    """(n, 51 or more), whose first columns are y, x, score of each keypoint → (n, 17, 3) x, y, score."""
    points: Floats = raw[:, :51].reshape(-1, 17, 3)[..., [1, 0, 2]]
    return points


def _boxes(xy: Floats, score: Floats) -> Floats:
    """Boxes (n, 4) around the keypoints over `MIN_LOCATED_SCORE`, or around all keypoints where there are none."""
    keep = (score > MIN_LOCATED_SCORE) | (score.max(axis=1, keepdims=True) <= MIN_LOCATED_SCORE)
    low = np.where(keep[..., None], xy, np.inf).min(axis=1)
    high = np.where(keep[..., None], xy, -np.inf).max(axis=1)
    return np.concatenate([low, high], axis=1)
