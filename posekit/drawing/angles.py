"""Writes the angles of the joints beside them."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from posekit.drawing.draw import line_width
from posekit.image import RGB
from posekit.pose import ANGLES, LOOK, THRESHOLD, Pose, Poses

#: Height of the numbers: as a share of the picture's longer side, and at least, in pixels.
_SHARE, _LEAST = 1 / 45, 12


def draw_angles(image: RGB, poses: Poses, *, threshold: float = THRESHOLD) -> RGB:
    """Writes the angles of elbows, shoulders, hips and knees onto a copy of a picture, in degrees.

    Each number is on the outer side of the bend, so that it hides neither limb.

    Args:
        image: (H, W, 3) uint8 RGB.
        poses: in pixels of `image`.
        threshold: an angle is left out where one of its three keypoints has a lower score.

    Returns:
        A new array (H, W, 3) uint8.
    """
    picture = Image.fromarray(image)
    size = max(_LEAST, round(max(poses.size) * _SHARE))
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    for pose in poses.above(threshold):
        for joint in ANGLES:
            if np.isfinite(degrees := pose.angle(joint)):
                at = _place(pose, joint, size)
                text, rim = f"{degrees:.0f}°", max(2, size // 8)
                pen.text(at, text, "white", font, anchor="mm", stroke_width=rim, stroke_fill=LOOK.rim_color)
    return np.array(picture)


def _place(pose: Pose, joint: str, size: int) -> tuple[float, float]:
    """Where the middle of a number goes: away from both bones, or beside a straight limb."""
    a, corner, b = pose.xy[list(ANGLES[joint])].astype(float)
    first, second = ((end - corner) / max(float(np.hypot(*(end - corner))), 1e-9) for end in (a, b))
    outward = -(first + second)
    if np.hypot(*outward) < 0.2:  # nearly straight: the outward direction is little more than noise
        outward = np.array([-first[1], first[0]])
    away = corner + outward / max(float(np.hypot(*outward)), 1e-9) * (1.4 * size + line_width(pose, pose.size))
    return float(away[0]), float(away[1])
