"""Draws poses onto pixels, fast. Left and right differ in colour and shape, so they can be told apart without colour."""

from __future__ import annotations

import cv2
import numpy as np

from posekit.errors import PosekitError
from posekit.image import RGB, check_rgb
from posekit.pose import EDGES, KEYPOINTS, LOOK, THRESHOLD, Pose, Poses, side

_EDGE_SIDES = [side(a, b) for a, b in EDGES]
_POINT_SIDES = [side(i) for i in range(len(KEYPOINTS))]
#: Coordinates are given to OpenCV in 1/16 pixel.
_SHIFT = 4


def draw(image: RGB, poses: Poses, *, threshold: float = THRESHOLD, boxes: bool = False) -> RGB:
    """Draws people onto a copy of a picture.

    The left side is drawn in orange with solid bones and round joints, the right side in blue with bones split by a dark line and
    square joints, the middle in white. A dark rim keeps everything legible on a light background.

    Args:
        image: (H, W, 3) uint8 RGB.
        poses: in pixels of `image`.
        threshold: keypoints with a lower score, and bones to them, are left out.
        boxes: also draw each person's box, with its track id or confidence.

    Returns:
        A new array (H, W, 3) uint8.

    Raises:
        ImageError: `image` is not such an array.
        PosekitError: the poses belong to a picture of another size.
    """
    check_rgb(image)
    if poses.size != (image.shape[1], image.shape[0]):
        seen = f"{image.shape[1]}×{image.shape[0]}"
        raise PosekitError(f"the poses belong to a picture of {poses.size[0]}×{poses.size[1]} pixels, this one has {seen}")
    canvas = image.copy()
    for pose in poses:
        _draw_pose(canvas, pose, threshold)
        if boxes:
            _draw_box(canvas, pose)
    return canvas


def line_width(pose: Pose, size: tuple[int, int]) -> int:
    """Thickness of a bone in pixels: it scales with the person, and is at least 2, so that small people stay visible."""
    x0, y0, x1, y1 = pose.box
    most = max(LOOK.least_bone, max(size) / LOOK.bones_per_image)
    return int(np.clip(max(x1 - x0, y1 - y0) / LOOK.bones_per_person, LOOK.least_bone, most))


def _draw_pose(canvas: RGB, pose: Pose, threshold: float) -> None:
    width = line_width(pose, pose.size)
    seen = np.isfinite(pose.xy).all(axis=1) & (pose.score >= threshold)
    # OpenCV's fixed-point coordinates would overflow far outside the picture.
    at = np.rint(np.clip(np.nan_to_num(pose.xy), -9999, 9999) * (1 << _SHIFT)).astype(int).tolist()
    bones = [(at[a], at[b], kind) for (a, b), kind in zip(EDGES, _EDGE_SIDES, strict=True) if seen[a] and seen[b]]
    joints = [(at[i], _POINT_SIDES[i]) for i in np.flatnonzero(seen)]
    for a, b, _ in bones:
        cv2.line(canvas, a, b, LOOK.rim_color, width + 2 * LOOK.rim, cv2.LINE_AA, _SHIFT)
    for a, b, kind in bones:
        cv2.line(canvas, a, b, LOOK.sides[kind].color, width, cv2.LINE_AA, _SHIFT)
        if LOOK.sides[kind].split:
            cv2.line(canvas, a, b, LOOK.rim_color, max(1, width // LOOK.splits_per_bone), cv2.LINE_AA, _SHIFT)
    for xy, kind in joints:
        _draw_joint(canvas, xy, kind, width)


def _draw_joint(canvas: RGB, at: list[int], kind: str, width: int) -> None:
    x, y, radius = *at, int((width / 2 + LOOK.joint) * (1 << _SHIFT))
    color = LOOK.sides[kind].color
    if LOOK.sides[kind].joint == "square":
        corners = (x - radius, y - radius), (x + radius, y + radius)
        cv2.rectangle(canvas, *corners, color, -1, cv2.LINE_AA, _SHIFT)
        cv2.rectangle(canvas, *corners, LOOK.rim_color, 1, cv2.LINE_AA, _SHIFT)
    else:
        cv2.circle(canvas, (x, y), radius, color, -1, cv2.LINE_AA, _SHIFT)
        cv2.circle(canvas, (x, y), radius, LOOK.rim_color, 1, cv2.LINE_AA, _SHIFT)


def _draw_box(canvas: RGB, pose: Pose) -> None:
    x0, y0, x1, y1 = np.rint(pose.box).astype(int).tolist()
    label = f"{pose.confidence:.2f}" if pose.id is None else f"#{pose.id}"
    unit = max(1, round(max(pose.size) / 640))
    for color, width in ((LOOK.rim_color, 3 * unit), (LOOK.sides["centre"].color, unit)):
        cv2.rectangle(canvas, (x0, y0), (x1, y1), color, width, cv2.LINE_AA)
    (width, height), below = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, 0.6 * unit, 2 * unit)
    x, y = max(0, x0), max(0, y0 - height - below - 2 * unit)  # above the box, or inside where there is no room
    cv2.rectangle(canvas, (x, y), (x + width + 4 * unit, y + height + below + 2 * unit), LOOK.sides["centre"].color, -1)
    at = (x + 2 * unit, y + height + unit)
    cv2.putText(canvas, label, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6 * unit, LOOK.rim_color, 2 * unit, cv2.LINE_AA)
