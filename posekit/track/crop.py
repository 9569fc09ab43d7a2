"""Where to look for a person in the next frame: MoveNet's smart crop."""

from __future__ import annotations

import numpy as np

from posekit.image import Floats, Region
from posekit.pose import INDEX, Poses

#: Keypoints over this score count for the crop. This and the two factors are MoveNet's own rule (TensorFlow's MoveNet tutorial);
#: the factors multiply the reach of the torso, and of the whole body, from the middle of the hips.
MIN_RELIABLE_SCORE = 0.2
TORSO_MARGIN, BODY_MARGIN = 1.9, 1.2

#: Where no torso is reliable, the crop is this many times as large as the reliable keypoints: the rest of the body needs room.
PARTIAL_BODY_MARGIN = 1.5

#: The smallest crop, in pixels.
MIN_CROP_SIDE = 16

_TORSO = [INDEX[name] for name in ("left_shoulder", "right_shoulder", "left_hip", "right_hip")]


def smart_crop(xy: Floats, score: Floats, size: tuple[int, int]) -> Region | None:
    """Where to look for a person in the next frame.

    MoveNet's own rule (TensorFlow's MoveNet tutorial): a square around the middle of the hips that reaches 1.9 times as far as the
    torso or 1.2 times as far as the body, whichever is more, but not beyond the farthest border.

    Args:
        xy: (17, 2) keypoints in the previous frame, in pixels.
        score: (17,) their scores.
        size: (width, height) of the frame, in pixels.

    Returns:
        The region; the whole picture where the square would be larger; None where no shoulder or no hip is reliable.
    """
    reliable = score > MIN_RELIABLE_SCORE
    if not (reliable[_TORSO[:2]].any() and reliable[_TORSO[2:]].any()):
        return None
    width, height = size
    x, y = centre = xy[_TORSO[2:]].mean(axis=0)
    torso, body = (np.abs(points - centre).max() for points in (xy[_TORSO], xy[reliable]))
    half = min(max(TORSO_MARGIN * torso, BODY_MARGIN * body), max(x, width - x, y, height - y))
    if half > max(size) / 2:
        return Region.whole(size)
    return Region(round(float(x - half)), round(float(y - half)), max(MIN_CROP_SIDE, round(float(2 * half))))


def next_region(pose: Poses) -> Region:
    """Where to look next for the one person of `pose`.

    Returns:
        The smart crop; where there is none, a square around the reliable keypoints; and the whole picture where no keypoint is
        reliable or the person has left it.
    """
    region = smart_crop(pose.xy[0], pose.score[0], pose.size)
    reliable = pose.score[0] > MIN_RELIABLE_SCORE
    if region is None and reliable.any():
        region = Region.around(pose.xy[0, reliable], pose.size, margin=PARTIAL_BODY_MARGIN)
    return region if region and region.overlaps(pose.size) else Region.whole(pose.size)
