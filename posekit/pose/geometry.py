"""Angles in the plane of the picture. Every angle of posekit is computed here."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def angle_between(u: Any, v: Any) -> NDArray[np.float64]:
    """The angle between two vectors in degrees, 0…180.

    Args:
        u: (..., 2)
        v: (..., 2)

    Returns:
        (...), NaN where a vector is NaN or has no length. It is the arc tangent of cross and dot product, which stays exact near
        0° and 180°, where the arc cosine of the dot product does not.
    """
    u, v = np.asarray(u, float), np.asarray(v, float)
    cross = np.abs(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])
    degrees = np.degrees(np.arctan2(cross, (u * v).sum(axis=-1)))
    return np.where(np.any(u, axis=-1) & np.any(v, axis=-1), degrees, np.nan)


def joint_angle(points: Any) -> NDArray[np.float64]:
    """The angle at the middle one of three points in degrees, 0…180; 180 is a straight limb.

    Args:
        points: (..., 3, 2)

    Returns:
        (...), NaN where a point is missing or an outer point coincides with the middle one.
    """
    points = np.asarray(points, float)
    return angle_between(points[..., 0, :] - points[..., 1, :], points[..., 2, :] - points[..., 1, :])
