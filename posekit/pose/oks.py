"""Object keypoint similarity (OKS), the measure of COCO's keypoint challenge, and non-maximum suppression (NMS) based on it."""

from __future__ import annotations

import numpy as np

from posekit.pose.poses import Floats, Poses
from posekit.pose.skeleton import SIGMAS


def oks(a: Floats, b: Floats, box: Floats, tolerance: float = 1.0) -> Floats:
    """How well two poses agree at each keypoint, 0…1: the terms of COCO's object keypoint similarity (OKS).

    Args:
        a: (..., 17, 2) pixels.
        b: (..., 17, 2) pixels.
        box: (..., 4) the person's box (x0, y0, x1, y1, pixels), whose area stands for that of the person.
        tolerance: 1 is COCO's own; 2 allows twice the distance.

    Returns:
        (..., 17) float32; NaN where a keypoint is NaN in either pose.
    """
    area = np.maximum((box[..., 2] - box[..., 0]) * (box[..., 3] - box[..., 1]), 1)[..., None]
    distance2 = ((a - b) ** 2).sum(axis=-1)
    alike: Floats = np.exp(-distance2 / (2 * area * (2 * tolerance * SIGMAS) ** 2))
    return alike.astype(np.float32)


def nms(poses: Poses, limit: float = 0.7) -> Poses:
    """Drops duplicates: of two people with a mean OKS of `limit` or more, keeps only the more confident one."""
    kept: list[int] = []
    for i in np.argsort(-poses.confidence, kind="stable").tolist():
        if all(oks(poses.xy[i], poses.xy[j], poses.box[j]).mean() < limit for j in kept):
            kept.append(i)
    return poses[kept]
