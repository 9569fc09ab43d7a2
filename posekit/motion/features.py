"""Poses as numbers that describe how a body is held, regardless of where it is and how large."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posekit.motion.checks import list_of_poses
from posekit.pose import FLIP, Pose, Poses

#: A person's size is this many trunk lengths, or the distance of the farthest point from the hips, whichever is more.
TRUNKS = 2.5

#: The number of points of the face; they become one, since otherwise the head would count five times.
_HEAD = 5

_SHOULDERS, _HIPS = (5, 6), (11, 12)

#: Upper and lower arms and legs, by the indices of their ends among the 13 points of `features_of`.
_LIMBS = np.array([(1, 3), (3, 5), (2, 4), (4, 6), (7, 9), (9, 11), (8, 10), (10, 12)])


def pose_features(poses: Poses | Iterable[Pose], *, mirrored: bool = False) -> NDArray[np.float64]:
    """Poses as numbers that do not depend on place and size.

    Args:
        poses: the people. A point that is NaN counts as lying between the hips; MoveNet's guess of a hidden point is better.
        mirrored: whether to make the numbers independent of the side, too: of a pose and its mirror image, take the one that leans
            to the right.

    Returns:
        (n, 26) float64: x and y of the head, shoulders, elbows, wrists, hips, knees and ankles, from the middle of the hips, as
        shares of the person's size.

    Raises:
        PosekitError: `poses` holds something that is not a pose.
    """
    xy = points_of(poses)
    features = features_of(xy)
    if not mirrored:
        return features
    other = features_of(mirror(xy))
    right = (features[:, ::2] ** 3).sum(axis=1) >= (other[:, ::2] ** 3).sum(axis=1)
    return np.where(right[:, None], features, other)


def points_of(poses: Poses | Iterable[Pose]) -> NDArray[np.float64]:
    """The keypoints of poses, (n, 17, 2) pixels."""
    if isinstance(poses, Poses):
        return np.array(poses.xy, float)  # a copy, since a read-only array is slower
    return np.array([pose.xy for pose in list_of_poses(poses)], float).reshape(-1, 17, 2)


def mirror(xy: NDArray[Any]) -> NDArray[np.float64]:
    """The mirror image of keypoints, (n, 17, 2) pixels; x is negative."""
    mirrored: NDArray[np.float64] = xy[:, FLIP] * np.array([-1.0, 1.0])
    return mirrored


def features_of(xy: NDArray[Any]) -> NDArray[np.float64]:
    """(n, 17, 2) pixels → (n, 26) features; see `pose_features`."""
    shoulders, middle = ((xy[:, left] + xy[:, right]) / 2 for left, right in (_SHOULDERS, _HIPS))
    trunk = np.hypot(*(shoulders - middle).T)
    centred = xy - middle[:, None]
    if not np.isfinite(centred).all():
        centred = np.nan_to_num(centred)
    farthest = np.hypot(centred[..., 0], centred[..., 1]).max(axis=1, initial=0)
    size = np.fmax(np.fmax(TRUNKS * trunk, farthest), 1e-6)
    centred[:, _HEAD - 1] = centred[:, :_HEAD].sum(axis=1) / _HEAD
    scaled: NDArray[np.float64] = centred[:, _HEAD - 1 :] / size[:, None, None]
    return scaled.reshape(len(xy), 26)


def limbs_of(features: NDArray[Any]) -> NDArray[np.float64]:
    """(n, 26) features → (n, 10, 4): x, y, length and direction (radians) of the limbs, the trunk and the neck."""
    points = features.reshape(len(features), 13, 2)
    shoulders, hips = (points[:, 1] + points[:, 2]) / 2, (points[:, 7] + points[:, 8]) / 2
    limbs = np.empty((len(features), len(_LIMBS) + 2, 4))
    limbs[:, :-2, :2] = points[:, _LIMBS[:, 1]] - points[:, _LIMBS[:, 0]]
    limbs[:, -2, :2], limbs[:, -1, :2] = shoulders - hips, points[:, 0] - shoulders
    x, y = limbs[..., 0], limbs[..., 1]
    limbs[..., 2], limbs[..., 3] = np.sqrt(x * x + y * y), np.arctan2(y, x)
    return limbs


def limb_difference(known: NDArray[Any], one: NDArray[Any]) -> NDArray[np.float64]:
    """How far the limbs of n poses, (n, 10, 4) as `limbs_of` returns them, are from those of one, (10, 4): (n,) degrees.

    It is the mean of two angles, since each misses what the other sees. The first is the mean angle between the limbs, at most 90°
    each, weighted by the shorter of the two: the direction of a limb that points at the camera is little more than noise. The
    second takes account of the lengths, too: for a body that is turned as a whole, the lengths of the difference vectors, as a
    share of the limbs' lengths, are sin(angle / 2). For such a body, both angles equal the angle of the turn.
    """
    (x, y, lengths, directions), (a, b, own, direction) = np.moveaxis(known, -1, 0), one.T
    apart = np.abs(directions - direction)
    between = np.fmin(np.fmin(apart, 2 * np.pi - apart), np.pi / 2)
    weights = np.fmin(lengths, own)
    turned = (between * weights).sum(axis=-1) / np.fmax(weights.sum(axis=-1), 1e-12)
    differences = np.sqrt((x - a) ** 2 + (y - b) ** 2)
    share = differences.sum(axis=-1) / np.fmax((lengths + own).sum(axis=-1), 1e-12)
    return np.asarray(np.degrees(turned + 2 * np.arcsin(np.fmin(share, 1.0))) / 2)
