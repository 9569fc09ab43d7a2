"""Where to look for a person in the next frame: MoveNet's smart crop."""

from __future__ import annotations

import numpy as np

from posekit.image import Floats, Region
from posekit.pose import INDEX, Poses

#: Keypoints over this score count for the crop; MoveNet's own rule (TensorFlow's MoveNet tutorial).
MIN_RELIABLE_SCORE = 0.2

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
    reliable = score > MIN_RELIABLE_SCORE
    if not (reliable[_TORSO[:2]].any() and reliable[_TORSO[2:]].any()):
        return None
    width, height = size
    x, y = centre = xy[_TORSO[2:]].mean(axis=0)
    torso, body = (np.abs(points - centre).max() for points in (xy[_TORSO], xy[reliable]))
    half = min(max(1.9 * torso, 1.2 * body), max(x, width - x, y, height - y))
    if half > max(size) / 2:
        return Region.whole(size)
    return Region(round(float(x - half)), round(float(y - half)), max(16, round(float(2 * half))))


def next_region(pose: Poses) -> Region:
    """Where to look next for the person of `pose`: the smart crop, or, where no hips are seen, a square around what is there."""
    region = smart_crop(pose.xy[0], pose.score[0], pose.size)
    reliable = pose.score[0] > MIN_RELIABLE_SCORE
    if region is None and reliable.any():
        return Region.around(pose.xy[0, reliable], pose.size, margin=1.5)
    return region or Region.whole(pose.size)
