"""Poses as numbers that say how a body is held, and not where it is or how large."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posekit.pose import FLIP, Pose, Poses

#: A person is as large as this many trunks, or as their farthest point.
TRUNKS = 2.5

_HEAD, _SHOULDERS, _HIPS = range(5), [5, 6], [11, 12]


def pose_features(poses: Poses | Iterable[Pose], *, mirrored: bool = False) -> NDArray[np.float64]:
    """Poses as numbers that do not depend on place and size.

    Args:
        poses: the people. A point that is NaN counts as lying between the hips; MoveNet's guess of a hidden one is better.
        mirrored: make them independent of the side, too: of a pose and its mirror image, take the one that leans to the right.

    Returns:
        (n, 26): x and y of the head, shoulders, elbows, wrists, hips, knees and ankles, from the middle of the hips, as a share of
        the person's size.
    """
    xy = points_of(poses)
    features = features_of(xy)
    if not mirrored:
        return features
    other = features_of(mirror(xy))
    right = (features[:, ::2] ** 3).sum(axis=1) >= (other[:, ::2] ** 3).sum(axis=1)
    return np.where(right[:, None], features, other)


def points_of(poses: Poses | Iterable[Pose]) -> NDArray[np.float64]:
    """(n, 17, 2) pixels."""
    people = [poses] if isinstance(poses, Pose) else list(poses)
    return np.array([pose.xy for pose in people], float).reshape(-1, 17, 2)


def mirror(xy: NDArray[Any]) -> NDArray[np.float64]:
    """(n, 17, 2) pixels, as in a mirror."""
    mirrored: NDArray[np.float64] = xy[:, FLIP] * np.array([-1.0, 1.0])
    return mirrored


def features_of(xy: NDArray[Any]) -> NDArray[np.float64]:
    """(n, 17, 2) pixels → (n, 26)."""
    middle = xy[:, _HIPS].mean(axis=1, keepdims=True)
    trunk = np.linalg.norm(xy[:, _SHOULDERS].mean(axis=1) - middle[:, 0], axis=-1)
    centred = np.nan_to_num(xy - middle)
    farthest = np.linalg.norm(centred, axis=-1).max(axis=1, initial=0)
    size = np.fmax(np.fmax(TRUNKS * trunk, farthest), 1e-6)
    head = centred[:, _HEAD].mean(axis=1, keepdims=True)  # five points of a face would count five times
    scaled: NDArray[np.float64] = np.concatenate([head, centred[:, 5:]], axis=1) / size[:, None, None]
    return scaled.reshape(len(xy), 26)
