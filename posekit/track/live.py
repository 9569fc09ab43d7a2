"""Live pictures: a browser cuts out and shrinks the square that is asked for, and `LiveTracker` finds the people in it."""

from __future__ import annotations

import io
import time as clock
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from posekit.errors import ImageError, PosekitError
from posekit.estimate import PoseModel, agreement, refine_region
from posekit.image import RGB, Region, check_rgb
from posekit.pose import Poses
from posekit.track.crop import next_region
from posekit.track.tracker import MIN_CROP_SCORE, TOLERANCE_GROWTH, TRACK_LIFETIME, Tracker, torso_color

#: No side of a video is longer than this, in pixels; a request with more is a mistake, or malicious.
MAX_FRAME_SIDE = 16384

#: Somebody who was not there in the previous frame must reach this many times the model's limit, since a live picture has thirty
#: chances a second to be wrong. Of 65 COCO photos without people, shown as still live pictures, Lightning finds somebody in 1
#: (in 6 with a factor of 1), Thunder in 3. Of the people in COCO train photos (71) whom a factor of 1 finds, Lightning misses none,
#: Thunder 2.
NEW_PERSON_FACTOR = 1.2


class LiveTracker:
    """Follows people through a live picture that arrives one square per frame.

    A single-pose model looks at the whole picture first, then only at a crop around the person. As with `passes=2`, two looks
    must agree before they count as a person; here the looks are at two consecutive frames. A model for several people looks at the
    whole picture each time.

    Args:
        model: what `load_model` returns, or a model of your own.
        smooth: whether to remove jitter.

    Attributes:
        model: as given.
        side: the side of the squares that it asks for, in pixels.
        region: where the next square should be cut; None for the whole picture.
    """

    def __init__(self, model: PoseModel, *, smooth: bool = True) -> None:
        self.model = model
        self.side = model.live_size
        self._tracker = Tracker(model, smooth=smooth)
        self.reset()

    @property
    def smooth(self) -> bool:
        """Whether jitter is removed."""
        return self._tracker.smooth

    @smooth.setter
    def smooth(self, smooth: bool) -> None:
        self._tracker.smooth = smooth

    def reset(self) -> None:
        """Drops all tracks and asks for the whole picture; ids restart at 1."""
        self._tracker.reset()
        self._before: Poses | None = None
        self._from_crop = self._confirmed = False
        self._time = -np.inf
        self.region: Region | None = None

    def update(self, square: RGB, region: Region, size: tuple[int, int], time: float) -> Poses:
        """Finds the people in the next frame.

        Args:
            square: (S, S, 3) uint8 RGB, cut from the frame and shrunk; S is `side`.
            region: where it was cut, in pixels of the frame; it need not be the region that was asked for last.
            size: (width, height) of the frame, in pixels.
            time: the time of the frame in seconds, from any zero. Where it does not increase, tracking starts again, as for another
                clip.

        Returns:
            The people with their ids, in pixels of the frame.

        Raises:
            ImageError: the square is not (S, S, 3) uint8.
            PosekitError: the square has another size, or the region lies outside the frame.
        """
        if check_rgb(square).shape[:2] != (self.side, self.side):
            raise PosekitError(f"expected a square of {self.side}×{self.side} pixels, got {square.shape[1]}×{square.shape[0]}")
        if not region.overlaps(size):
            raise PosekitError(f"{region} lies outside the frame ({size[0]}×{size[1]})")
        if time <= self._time or (self._before is not None and self._before.size != size):
            self.reset()
        poses = (self._follow_one if self.model.max_people == 1 else self._follow_all)(square, region, size, time)
        self._time = time
        return poses

    def _follow_one(self, square: RGB, region: Region, size: tuple[int, int], time: float) -> Poses:
        in_square = self.model.look(square)
        look = in_square.to_parent(region.side / self.side, (region.x, region.y), size)
        from_crop = region != Region.whole(size)
        confirmed = False
        if (before := self._before) is not None and (pause := time - self._time) <= TRACK_LIFETIME:
            # The longer ago the last frame was, the farther the person may have moved.
            look = agreement(before, look, tolerance=1 + TOLERANCE_GROWTH * pause)
            # Two looks at the same pixels always agree, even where there is nobody: a new person must be seen both in the whole
            # picture and in a crop.
            other_view = self._confirmed or from_crop != self._from_crop
            limit = self.model.default_min_confidence(2) * (1 if self._confirmed else NEW_PERSON_FACTOR)
            confirmed = other_view and bool(look.confidence[0] >= limit)
        self._before, self._from_crop, self._confirmed = look, from_crop, confirmed
        self.region = self._next_region(look)
        found = look[[0] if confirmed else []]
        return self._tracker.follow(found, [torso_color(square, in_square.xy[0])] * len(found), time)

    def _next_region(self, look: Poses) -> Region | None:
        """Where to look next: a crop around the person, or None, the whole picture, where there is nobody or it is uncertain."""
        if not self._confirmed:
            region = None if self._from_crop else refine_region(look)
        else:
            region = None if self._from_crop and look.score.mean() < MIN_CROP_SCORE else next_region(look)
        return region if region and region.overlaps(look.size) and region != Region.whole(look.size) else None

    def _follow_all(self, square: RGB, region: Region, size: tuple[int, int], time: float) -> Poses:
        scale = region.side / self.side
        # The part of the square that shows the picture, in whole pixels.
        low = [max(0, round(-start / scale)) for start in (region.x, region.y)]
        high = [min(self.side, round((length - start) / scale)) for length, start in zip(size, (region.x, region.y), strict=True)]
        frame = np.ascontiguousarray(square[low[1] : max(high[1], low[1] + 1), low[0] : max(high[0], low[0] + 1)])
        corner = region.x + low[0] * scale, region.y + low[1] * scale
        return self._tracker(frame, time).to_parent(scale, corner, size)

    def handle(self, jpeg: bytes, request: Mapping[str, Any]) -> tuple[Poses, dict[str, Any]]:
        """Answers a browser's frame: the protocol of the front end's live loop.

        Args:
            jpeg: the square.
            request: `region` [x, y, side] where it was cut, `size` [width, height] of the frame, `time` in seconds, and `side` of
                the square. Where the square's side is not the one that the model needs, as in a first frame or after a change of
                model, the answer has no people and gives the right side.

        Returns:
            The people, and the answer: `people`, 17 × [x, y, score] for each; `ids`; `region` [x, y, side] to cut next, or None
            for the whole; `side` of the next square; `ms`, how long this took, from which the browser computes the network delay.

        Raises:
            ImageError: the bytes are not a JPEG of the right size.
            PosekitError: the request is not as above.
        """
        start = clock.perf_counter()
        region, size, time = _checked(request)
        fits = request.get("side", self.side) == self.side
        poses = self.update(self._decoded(jpeg), region, size, time) if fits else Poses.empty(size)
        points = np.concatenate([poses.xy, poses.score[..., None]], axis=-1).astype(float)
        return poses, {
            "people": points.round(2).tolist(),
            "ids": [] if poses.id is None else poses.id.tolist(),
            "region": self.region and [self.region.x, self.region.y, self.region.side],
            "side": self.side,
            "ms": round(1000 * (clock.perf_counter() - start), 2),
        }

    def _decoded(self, jpeg: bytes) -> RGB:
        try:
            with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
                if image.size != (self.side, self.side):  # checked before any pixel is decoded
                    seen = f"{image.size[0]}×{image.size[1]}"
                    raise ImageError(f"expected a square of {self.side}×{self.side} pixels, got {seen}")
                return np.array(image.convert("RGB"))
        except ImageError:
            raise
        except Exception as error:  # a hostile file can make a decoder raise anything
            raise ImageError(f"the frame is not a JPEG that can be read: {error}") from None


def read_points(frame: Mapping[str, Any]) -> tuple[Poses, Region | None]:
    """Reads what a model in the browser found in a frame, and where it looks next.

    Args:
        frame: `people`, 17 × [x, y, score] for each; `ids`, `boxes`, `confidences`; `size` [width, height] of the frame; `region`
            [x, y, side], or None for the whole.

    Returns:
        The people with their ids, in pixels of the frame, and the region; None for the whole.

    Raises:
        PosekitError: it is not as above.
    """
    try:
        width, height = (int(number) for number in frame["size"])
        points = np.array(frame["people"], np.float32).reshape(-1, 17, 3)
        box = np.array(frame["boxes"], np.float32).reshape(len(points), 4)
        confidence = np.array(frame["confidences"], np.float32).reshape(len(points))
        ids = np.array(frame["ids"], np.int64).reshape(len(points))
        region = frame["region"] and Region(*(int(number) for number in frame["region"]))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise PosekitError(f"the points of a frame are not as they should be: {error!r}") from None
    if not (np.isfinite(points).all() and np.isfinite(box).all() and min(width, height) > 0):
        raise PosekitError("the points of a frame have values that are not finite numbers")
    return Poses(points[..., :2], points[..., 2], box, confidence, (width, height), ids), region


def _checked(request: Mapping[str, Any]) -> tuple[Region, tuple[int, int], float]:
    try:
        x, y, side = (int(number) for number in request["region"])
        width, height = (int(number) for number in request["size"])
        time = float(request["time"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise PosekitError(f"a frame needs a region of 3 numbers, a size of 2 and a time: {error!r}") from None
    if not (
        min(width, height) > 0 and max(width, height, side, abs(x), abs(y)) <= MAX_FRAME_SIDE and side > 0 and np.isfinite(time)
    ):
        raise PosekitError(f"no frame is {width}×{height} pixels large, with a region of {side} at ({x}, {y}), at {time} s")
    return Region(x, y, side), (width, height), time
