"""Angles in the plane of the picture. Every angle in posekit is computed here."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def angle_between(u: Any, v: Any) -> NDArray[np.float64]:
    """The angle between two vectors, in degrees, 0…180.

    Args:
        u: (..., 2)
        v: (..., 2)

    Returns:
        (...), NaN where a vector is NaN or has no length. It is the arc tangent of cross and dot product, which stays exact near
        0° and 180°, where the arc cosine of the dot product does not.
    """
    u, v = np.asarray(u, float), np.asarray(v, float)
    (a, b), (x, y) = (u[..., 0], u[..., 1]), (v[..., 0], v[..., 1])  # component by component: reductions would take twice as long
    degrees = np.degrees(np.arctan2(np.abs(a * y - b * x), a * x + b * y))
    return np.where(((a != 0) | (b != 0)) & ((x != 0) | (y != 0)), degrees, np.nan)


def joint_angle(points: Any) -> NDArray[np.float64]:
    """The angle at the second of three points, in degrees, 0…180; 180 is a straight limb.

    Args:
        points: (..., 3, 2)

    Returns:
        (...), NaN where a point is missing or an outer point coincides with the middle one.
    """
    points = np.asarray(points, float)
    middle = points[..., 1, :]
    return angle_between(points[..., 0, :] - middle, points[..., 2, :] - middle)
