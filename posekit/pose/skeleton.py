"""The COCO skeleton as data, written once: drawing, flipping, angles and the browser all receive it from here.

"Left" is the person's left, as in COCO: of somebody who faces the camera, it is on the right of the picture.
"""

from __future__ import annotations

import numpy as np

from posekit.errors import PosekitError, nearest

#: The 17 keypoints in the order of MoveNet and COCO.
KEYPOINTS = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)

INDEX = {name: i for i, name in enumerate(KEYPOINTS)}

#: The keypoints that change places in a mirror.
PAIRS = tuple((i, INDEX["right" + name[4:]]) for name, i in INDEX.items() if name.startswith("left_"))

#: `xy[..., FLIP, :]` puts the keypoints of a mirrored picture back under their names.
FLIP = np.arange(17)
for _left, _right in PAIRS:
    FLIP[[_left, _right]] = _right, _left

#: Bones as pairs of keypoint indices, head to foot: the ones that Google's MoveNet examples draw.
EDGES = tuple(
    (INDEX[a], INDEX[b])
    for a, b in (
        ("nose", "left_eye"),
        ("nose", "right_eye"),
        ("left_eye", "left_ear"),
        ("right_eye", "right_ear"),
        ("nose", "left_shoulder"),
        ("nose", "right_shoulder"),
        ("left_shoulder", "right_shoulder"),
        ("left_shoulder", "left_elbow"),
        ("left_elbow", "left_wrist"),
        ("right_shoulder", "right_elbow"),
        ("right_elbow", "right_wrist"),
        ("left_shoulder", "left_hip"),
        ("right_shoulder", "right_hip"),
        ("left_hip", "right_hip"),
        ("left_hip", "left_knee"),
        ("left_knee", "left_ankle"),
        ("right_hip", "right_knee"),
        ("right_knee", "right_ankle"),
    )
)

#: The three keypoints of each angle; the middle one is the joint.
ANGLES = {
    f"{side}_{joint}": tuple(INDEX[f"{side}_{part}"] for part in parts)
    for side in ("left", "right")
    for joint, parts in {
        "elbow": ("shoulder", "elbow", "wrist"),
        "shoulder": ("hip", "shoulder", "elbow"),
        "hip": ("shoulder", "hip", "knee"),
        "knee": ("hip", "knee", "ankle"),
    }.items()
}

#: RGB colours from the palette of Okabe and Ito (2008), which colour-blind people can tell apart.
COLORS = {"left": (230, 159, 0), "right": (86, 180, 233), "centre": (240, 240, 240)}

#: How far people who label a keypoint disagree, as a share of the person's size: the constants of COCO's OKS metric
#: (cocodataset.org, keypoint evaluation).
SIGMAS = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89], np.float32) / 1000


def side(*points: int) -> str:
    """`"left"` or `"right"` where all `points` (keypoint indices) lie on that side or on the nose, else `"centre"`."""
    sides = {KEYPOINTS[i].partition("_")[0] for i in points} - {"nose"}
    return sides.pop() if len(sides) == 1 else "centre"


def keypoint_index(name: str) -> int:
    """The place of keypoint `name` in all arrays.

    Raises:
        PosekitError: there is no such keypoint; the message names the nearest one.
    """
    if name in INDEX:
        return INDEX[name]
    raise PosekitError(f"there is no keypoint {name!r}; {nearest(name, KEYPOINTS)}")
