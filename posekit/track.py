"""Following people through frames: where to look next, smoothing, ids. `Tracker` is the only object that remembers."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from posekit.crowd import Model
from posekit.errors import PosekitError
from posekit.image import RGB, Floats, Region
from posekit.poses import Poses, similarity
from posekit.skeleton import INDEX

#: Keypoints over this score count for the crop; MoveNet's own rule (TensorFlow's MoveNet tutorial).
RELIABLE = 0.2

#: Matching as in tfjs-models: keypoints over this score, at least so many, at least so similar; seconds that a track lives unseen.
MATCH_SCORE, MATCH_POINTS, MATCH_SIMILARITY, LIFETIME = 0.3, 4, 0.2, 1.0

#: Boxes that overlap so much (intersection over union) are one person where the keypoints say nothing; as in tfjs-models.
MATCH_OVERLAP = 0.15

#: A pose less similar than this to that of the frame before was not reached by moving: a cut in the film, or few frames a second.
#: At 30 a second the sample clips stay over 0.7; cuts between them are at 0.5 and less. Then the whole frame is looked at, and the
#: smoothing starts afresh, since it would smear one scene into the other.
JUMP = 0.55

#: Only from one frame to the next few, in seconds.
OVERLAP_TIME = 0.3

#: Shirts whose colours differ by this much (CIE Lab) match only 37 % as well; red and yellow ones differ by 40, one in light and
#: shadow by up to 18.
SHIRT_SCALE = 25.0

#: In the crop of a track, a mean score under this asks for a look at the whole frame again.
DOUBT = 0.35

_DOWN, _ACROSS = (grid.reshape(25, 1) for grid in np.meshgrid(*[np.linspace(0.15, 0.85, 5)] * 2))
_LAB_WEIGHTS = np.array([0.3, 1, 1], np.float32)  # light changes more than colour does
_TORSO = [INDEX[name] for name in ("left_shoulder", "right_shoulder", "left_hip", "right_hip")]


def smart_crop(xy: Floats, score: Floats, size: tuple[int, int]) -> Region | None:
    """Where to look for a person in the next frame.

    MoveNet's own rule (TensorFlow's MoveNet tutorial): a square around the middle of the hips, of 1.9 times the reach of the torso
    or 1.2 times the reach of the body, whichever is more, but not past the farthest border.

    Args:
        xy: (17, 2) keypoints of the frame before, pixels.
        score: (17,) their scores.
        size: (width, height) of the frame.

    Returns:
        The region, or None where no shoulder or no hip is reliable.
    """
    reliable = score > RELIABLE
    if not (reliable[_TORSO[:2]].any() and reliable[_TORSO[2:]].any()):
        return None
    width, height = size
    x, y = centre = xy[_TORSO[2:]].mean(axis=0)
    torso, body = (np.abs(points - centre).max() for points in (xy[_TORSO], xy[reliable]))
    half = min(max(1.9 * torso, 1.2 * body), max(x, width - x, y, height - y))
    if half > max(size) / 2:
        return Region.whole(size)
    return Region(round(float(x - half)), round(float(y - half)), max(16, round(float(2 * half))))


class OneEuro:
    """The One-Euro filter (Casiez, Roussel and Vogel 2012): calm where a point rests, quick where it moves.

    Args:
        min_cutoff: cut-off of a point at rest, in hertz; lower is calmer.
        beta: how much the cut-off rises with the speed, in hertz per length a second.
        speed_cutoff: cut-off of the speed itself, in hertz.
    """

    def __init__(self, min_cutoff: float = 0.5, beta: float = 100.0, speed_cutoff: float = 1.0) -> None:
        self.min_cutoff, self.beta, self.speed_cutoff = min_cutoff, beta, speed_cutoff
        self._value: Floats | None = None
        self._speed: Floats
        self._time: float

    def __call__(self, value: Floats, time: float) -> Floats:
        """Smooths one set of points.

        Args:
            value: (n, 2), in lengths of the picture.
            time: seconds; later than the last one.
        """
        if self._value is None or time <= self._time:
            self._value, self._speed, self._time = value, np.zeros_like(value), time
            return value
        dt = time - self._time
        self._speed = self._speed + _alpha(self.speed_cutoff, dt) * ((value - self._value) / dt - self._speed)
        # One speed for both axes, so that the smoothing does not depend on the direction.
        cutoff = self.min_cutoff + self.beta * np.linalg.norm(self._speed, axis=-1, keepdims=True)
        smoothed: Floats = self._value + _alpha(cutoff, dt) * (value - self._value)
        self._value, self._time = smoothed, time
        return smoothed


def _alpha(cutoff: Any, dt: float) -> Any:
    """How much of a new value a low-pass filter takes over after `dt` seconds."""
    return 1 / (1 + 1 / (2 * np.pi * cutoff * dt))


@dataclass(eq=False)
class _Track:
    """One person: where it was when it was last seen, and how fast."""

    id: int
    pose: Poses
    shirt: Floats
    time: float
    velocity: Floats = field(default_factory=lambda: np.zeros(2, np.float32))
    calm: OneEuro = field(default_factory=OneEuro)

    def predicted(self, time: float) -> Floats:
        where: Floats = self.pose.xy[0] + self.velocity * (time - self.time)
        return where

    def see(self, pose: Poses, shirt: Floats, time: float) -> None:
        if _jumped(self.pose, pose):
            self.calm = OneEuro()
        self.shirt = 0.9 * self.shirt + 0.1 * shirt  # slowly, since others pass in front
        if (dt := time - self.time) > 0:
            moved = np.median(pose.xy[0] - self.pose.xy[0], axis=0) / dt
            share = min(1.0, dt / 0.2)  # the speed of the last fifth of a second
            self.velocity = (1 - share) * self.velocity + share * moved
        self.pose, self.time = pose, time


class Tracker:
    """Follows people through the frames of a clip or a camera: give it one frame after the other.

    A single-pose model looks at the smart crop around the person of the frame before, and at the whole frame where there was
    none. A model for several people looks at the whole frame each time. Either way people keep their id while they are seen again
    within a second.

    Args:
        model: MoveNet, or any other of `load_model`.
        smooth: calm the jitter, with a One-Euro filter for each person.
    """

    def __init__(self, model: Model, *, smooth: bool = True) -> None:
        self.model = model
        self.smooth = smooth
        self.reset()

    def reset(self) -> None:
        """Forgets everybody; ids begin again at 1."""
        self._tracks: list[_Track] = []
        self._next, self._time = 1, -np.inf

    def __call__(self, frame: RGB, time: float | None = None) -> Poses:
        """Finds the people in the next frame.

        Args:
            frame: (H, W, 3) uint8 RGB.
            time: of the frame in seconds, any zero; by default the clock's, for a live picture. Steps may be uneven.

        Returns:
            The people with their ids, smoothed if asked for.

        Raises:
            ImageError: the frame is no such array.
            PosekitError: the time runs backwards.
        """
        time = clock.monotonic() if time is None else float(time)
        found = self._find(frame, time)
        return self.follow(found, [shirt_color(frame, xy) for xy in found.xy], time)

    def follow(self, found: Poses, shirts: Sequence[Floats], time: float) -> Poses:
        """Follows people whom the caller found.

        Args:
            found: who is in the next frame, not smoothed.
            shirts: each one's `shirt_color`.
            time: of the frame in seconds.

        Returns:
            The same people with their ids, smoothed if asked for.

        Raises:
            PosekitError: the time runs backwards.
        """
        if not time > self._time:
            raise PosekitError(f"frames must come in order: {time:g} s comes after {self._time:g} s; call reset() for another clip")
        self._tracks = [track for track in self._tracks if time - track.time <= LIFETIME and track.pose.size == found.size]
        tracks = self._assign(found, shirts, time)
        self._time = time
        poses = replace(found, id=np.array([track.id for track in tracks], np.int64))
        return self._calm(poses, tracks, time) if self.smooth and len(poses) else poses

    def _find(self, frame: RGB, time: float) -> Poses:
        """Who is in the frame: near where the one person was before, or anywhere."""
        if self.model.max_people == 1 and (last := self._newest((frame.shape[1], frame.shape[0]), time)):
            look = self.model.look(frame, next_region(last.pose))
            # After a jump the crop was the wrong one, and what was seen in it is not exact.
            if look.confidence[0] >= DOUBT and not _jumped(last.pose, look):
                return look
        return self.model(frame)

    def _newest(self, size: tuple[int, int], time: float) -> _Track | None:
        """The track of the frame before, if that was not long ago."""
        last = self._tracks[-1] if self._tracks else None
        return last if last and last.time == self._time >= time - LIFETIME and last.pose.size == size else None

    def _assign(self, found: Poses, shirts: Sequence[Floats], time: float) -> list[_Track]:
        """The track of each person: the most similar pairs first, then boxes that overlap, new tracks for the rest."""
        owner: dict[int, _Track] = {}
        for measure, least in ((_alike, MATCH_SIMILARITY), (_overlap, MATCH_OVERLAP)):
            pairs = [(measure(track, found, i, shirts[i], time), i, track) for track in self._tracks for i in range(len(found))]
            for alike, i, track in sorted(pairs, key=lambda pair: -pair[0]):
                if alike >= least and i not in owner and track not in owner.values():
                    owner[i] = track
        for i, shirt in enumerate(shirts):
            pose = found.take([i])
            if i in owner:
                owner[i].see(pose, shirt, time)
            else:
                owner[i] = _Track(self._next, pose, shirt, time)
                self._tracks.append(owner[i])
                self._next += 1
        return [owner[i] for i in range(len(found))]

    def _calm(self, poses: Poses, tracks: list[_Track], time: float) -> Poses:
        length = np.float32(max(poses.size))
        xy = [track.calm(points / length, time) * length for points, track in zip(poses.xy, tracks, strict=True)]
        return replace(poses, xy=np.stack(xy).astype(np.float32))


def _jumped(before: Poses, now: Poses) -> bool:
    return bool(similarity(before.xy, now.xy, now.box).mean() < JUMP)


def next_region(pose: Poses) -> Region:
    """Where to look next for the person of `pose`: the smart crop, or, where no hips are seen, a square around what is there."""
    region = smart_crop(pose.xy[0], pose.score[0], pose.size)
    reliable = pose.score[0] > RELIABLE
    if region is None and reliable.any():
        return Region.around(pose.xy[0, reliable], pose.size, margin=1.5)
    return region or Region.whole(pose.size)


def _alike(track: _Track, found: Poses, i: int, shirt: Floats, time: float) -> float:
    """How similar a person is to where a track should be by now: COCO's keypoint similarity, weighed by the colour of the shirt.

    The colour tells two people apart who cross.
    """
    both = (track.pose.score[0] >= MATCH_SCORE) & (found.score[i] >= MATCH_SCORE)
    if both.sum() < MATCH_POINTS:
        return 0.0
    # The longer a track was not seen, the less exactly we know where it is.
    patience = 1 + 4 * (time - track.time)
    near = similarity(track.predicted(time), found.xy[i], found.box[i], patience)[both].mean()
    return float(near * np.exp(-((np.linalg.norm(shirt - track.shirt) / SHIRT_SCALE) ** 2)))


def _overlap(track: _Track, found: Poses, i: int, shirt: Floats, time: float) -> float:
    """Intersection over union of the boxes, for a track of the frame before: somebody who comes in shows few points at first."""
    a, b = track.pose.box[0], found.box[i]
    width, height = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0)
    both = width * height
    area = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)) - both
    return float(both / max(area, 1e-6)) if time - track.time < OVERLAP_TIME else 0.0


def shirt_color(frame: RGB, xy: Floats) -> Floats:
    """Colour of the torso in CIE Lab, lightness counting a third: the median of 25 pixels between shoulders and hips."""
    left_shoulder, right_shoulder, left_hip, right_hip = xy[_TORSO]
    left, right = left_shoulder + _DOWN * (left_hip - left_shoulder), right_shoulder + _DOWN * (right_hip - right_shoulder)
    limit = np.array([frame.shape[1] - 1, frame.shape[0] - 1])
    x, y = np.clip(left + _ACROSS * (right - left), 0, limit).astype(int).T
    lab = cv2.cvtColor(frame[None, y, x], cv2.COLOR_RGB2LAB)[0]
    median: Floats = np.median(lab, axis=0).astype(np.float32) * _LAB_WEIGHTS
    return median
