"""Following people through frames: where to look next, smoothing, and ids."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from posekit.errors import PosekitError
from posekit.estimate import PoseModel
from posekit.image import RGB, Floats
from posekit.pose import INDEX, Poses, oks
from posekit.track.crop import next_region
from posekit.track.one_euro import OneEuro

#: Matching as in tfjs-models: only keypoints over this score, at least this many of them, and at least this mean OKS; and how many
#: seconds a track lives without being seen.
MATCH_SCORE, MATCH_POINTS, MATCH_OKS, TRACK_LIFETIME = 0.3, 4, 0.2, 1.0

#: Where keypoints do not decide, boxes that overlap by at least this much (intersection over union) are of one person, as in
#: tfjs-models, but only within this many seconds.
MATCH_IOU, MAX_IOU_GAP = 0.15, 0.3

#: A mean OKS with the previous frame that is lower than this means a cut in the film or a very low frame rate, not a movement: at
#: 30 frames a second the sample clips stay over 0.7, and cuts between them are at 0.5 or less. Then the model looks at the whole
#: frame, and the smoothing restarts, since it would smear one scene into the other.
MIN_CONTINUITY = 0.55

#: A difference of this much between torso colours (CIE Lab) reduces the similarity to 37 %. Red and yellow shirts differ by 40; one
#: shirt in light and in shadow by up to 18.
TORSO_COLOR_SCALE = 25.0

#: The weight of a new torso colour in the track's average: small, since other people pass in front.
COLOR_UPDATE = 0.1

#: The velocity of a track is averaged over this many seconds.
VELOCITY_TIME = 0.2

#: How much the tolerance of OKS grows for each second unseen, since the position becomes less certain.
TOLERANCE_GROWTH = 4.0

#: Where the mean score in a track's crop is lower than this, the model looks at the whole frame.
MIN_CROP_SCORE = 0.35

#: Where the colour is sampled: 5 × 5 points of the torso, as shares of its height and width.
_DOWN, _ACROSS = (grid.reshape(25, 1) for grid in np.meshgrid(*[np.linspace(0.15, 0.85, 5)] * 2))
_LAB_WEIGHTS = np.array([0.3, 1, 1], np.float32)  # light changes more than colour does
_TORSO = [INDEX[name] for name in ("left_shoulder", "right_shoulder", "left_hip", "right_hip")]


@dataclass(eq=False)
class _Track:
    """One person: the pose when last seen, and the velocity (2,) in pixels per second."""

    id: int
    pose: Poses
    color: Floats
    time: float
    velocity: Floats = field(default_factory=lambda: np.zeros(2, np.float32))
    smoother: OneEuro = field(default_factory=OneEuro)

    def predicted(self, time: float) -> Floats:
        """Where the keypoints (17, 2) should be at `time`, in pixels."""
        xy: Floats = self.pose.xy[0] + self.velocity * (time - self.time)
        return xy

    def update(self, pose: Poses, color: Floats, time: float) -> None:
        if _jumped(self.pose, pose):
            self.smoother = OneEuro()
        self.color = (1 - COLOR_UPDATE) * self.color + COLOR_UPDATE * color
        if (dt := time - self.time) > 0:
            velocity = np.median(pose.xy[0] - self.pose.xy[0], axis=0) / dt
            share = min(1.0, dt / VELOCITY_TIME)
            self.velocity = (1 - share) * self.velocity + share * velocity
        self.pose, self.time = pose, time


class Tracker:
    """Follows people through the frames of a clip or a camera; call it with one frame after another.

    A single-pose model looks at the smart crop around the person in the previous frame, and at the whole frame where there was
    nobody. A model for several people looks at the whole frame each time. Either way, people keep their ids as long as they are
    seen again within a second.

    Args:
        model: what `load_model` returns, or a model of your own.
        smooth: whether to remove jitter, with a One-Euro filter for each person.

    Attributes:
        model: as given.
        smooth: whether jitter is removed; it may change at any time.
    """

    def __init__(self, model: PoseModel, *, smooth: bool = True) -> None:
        self.model = model
        self.smooth = smooth
        self.reset()

    def reset(self) -> None:
        """Drops all tracks; ids restart at 1."""
        self._tracks: list[_Track] = []
        self._next, self._time = 1, -np.inf

    def __call__(self, frame: RGB, time: float | None = None) -> Poses:
        """Finds the people in the next frame.

        Args:
            frame: (H, W, 3) uint8 RGB.
            time: the time of the frame in seconds, from any zero; by default that of the clock, for a live picture. Steps may be
                uneven.

        Returns:
            The people with their ids, smoothed if `smooth` is set.

        Raises:
            ImageError: the frame is not such an array.
            PosekitError: the time is not later than that of the last frame.
        """
        time = clock.monotonic() if time is None else float(time)
        found = self._find(frame, time)
        return self.follow(found, [torso_color(frame, xy) for xy in found.xy], time)

    def follow(self, found: Poses, colors: Sequence[Floats], time: float) -> Poses:
        """Follows people whom the caller has found.

        Args:
            found: the people in the next frame, not smoothed.
            colors: the `torso_color` of each.
            time: the time of the frame in seconds.

        Returns:
            The same people with their ids, smoothed if `smooth` is set.

        Raises:
            PosekitError: the time is not later than that of the last frame.
        """
        if not time > self._time:
            raise PosekitError(f"frames must come in order: {time:g} s comes after {self._time:g} s; call reset() for another clip")
        self._tracks = [track for track in self._tracks if time - track.time <= TRACK_LIFETIME and track.pose.size == found.size]
        tracks = self._assign(found, colors, time)
        self._time = time
        poses = replace(found, id=np.array([track.id for track in tracks], np.int64))
        return self._smoothed(poses, tracks, time) if self.smooth and len(poses) else poses

    def _find(self, frame: RGB, time: float) -> Poses:
        """The people in the frame; a single-pose model looks where the person was before, or else everywhere."""
        if self.model.max_people == 1 and (last := self._newest((frame.shape[1], frame.shape[0]), time)):
            look = self.model.look(frame, next_region(last.pose))
            # After a cut in the clip the crop is in the wrong place, and a pose found in it is not exact.
            if look.confidence[0] >= MIN_CROP_SCORE and not _jumped(last.pose, look):
                return look
        return self.model(frame)

    def _newest(self, size: tuple[int, int], time: float) -> _Track | None:
        """The track that was seen in the previous frame, if that was not long ago."""
        last = self._tracks[-1] if self._tracks else None
        return last if last and last.time == self._time >= time - TRACK_LIFETIME and last.pose.size == size else None

    def _assign(self, found: Poses, colors: Sequence[Floats], time: float) -> list[_Track]:
        """The track of each person: matched first by pose, the most similar first, then by box; the rest get new tracks."""
        owner: dict[int, _Track] = {}
        for measure, least in ((_pose_similarity, MATCH_OKS), (_box_overlap, MATCH_IOU)):
            pairs = [(measure(track, found, i, colors[i], time), i, track) for track in self._tracks for i in range(len(found))]
            for similarity, i, track in sorted(pairs, key=lambda pair: -pair[0]):
                if similarity >= least and i not in owner and track not in owner.values():
                    owner[i] = track
        for i, color in enumerate(colors):
            pose = found[[i]]
            if i in owner:
                owner[i].update(pose, color, time)
            else:
                owner[i] = _Track(self._next, pose, color, time)
                self._tracks.append(owner[i])
                self._next += 1
        return [owner[i] for i in range(len(found))]

    def _smoothed(self, poses: Poses, tracks: list[_Track], time: float) -> Poses:
        length = np.float32(max(poses.size))
        xy = [track.smoother(points / length, time) * length for points, track in zip(poses.xy, tracks, strict=True)]
        return replace(poses, xy=np.stack(xy).astype(np.float32))


def _jumped(before: Poses, now: Poses) -> bool:
    return bool(oks(before.xy, now.xy, now.box).mean() < MIN_CONTINUITY)


def _pose_similarity(track: _Track, found: Poses, i: int, color: Floats, time: float) -> float:
    """How similar a person is to a track's predicted pose, 0…1: the mean OKS, weighted by how similar the torso colours are.

    The colour tells apart people who cross.
    """
    both = (track.pose.score[0] >= MATCH_SCORE) & (found.score[i] >= MATCH_SCORE)
    if both.sum() < MATCH_POINTS:
        return 0.0
    tolerance = 1 + TOLERANCE_GROWTH * (time - track.time)
    similarity = oks(track.predicted(time), found.xy[i], found.box[i], tolerance)[both].mean()
    return float(similarity * np.exp(-((np.linalg.norm(color - track.color) / TORSO_COLOR_SCALE) ** 2)))


def _box_overlap(track: _Track, found: Poses, i: int, color: Floats, time: float) -> float:
    """Intersection over union of the boxes, 0…1; 0 for a track that was not seen just before.

    Boxes help where somebody enters the picture, who shows few keypoints at first.
    """
    a, b = track.pose.box[0], found.box[i]
    width, height = np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0)
    both = width * height
    area = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)) - both
    return float(both / max(area, 1e-6)) if time - track.time < MAX_IOU_GAP else 0.0


def torso_color(frame: RGB, xy: Floats) -> Floats:
    """The colour of a person's torso, for comparison with others.

    Args:
        frame: (H, W, 3) uint8 RGB.
        xy: (17, 2), the person's keypoints in pixels of the frame.

    Returns:
        (3,) float32, CIE Lab with the lightness times 0.3: the median of 25 pixels between the shoulders and the hips.
    """
    left_shoulder, right_shoulder, left_hip, right_hip = xy[_TORSO]
    left, right = left_shoulder + _DOWN * (left_hip - left_shoulder), right_shoulder + _DOWN * (right_hip - right_shoulder)
    limit = np.array([frame.shape[1] - 1, frame.shape[0] - 1])
    x, y = np.clip(left + _ACROSS * (right - left), 0, limit).astype(int).T
    lab = cv2.cvtColor(frame[None, y, x], cv2.COLOR_RGB2LAB)[0]
    median: Floats = np.median(lab, axis=0).astype(np.float32) * _LAB_WEIGHTS
    return median
