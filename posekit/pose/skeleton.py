"""The COCO skeleton as data: the single source for drawing, flipping, angles and the browser.

"Left" is the person's left, as in COCO: for somebody facing the camera, it is on the right of the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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

#: The keypoints that change places in a mirror image.
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


@dataclass(frozen=True)
class SideLook:
    """How one side of the body is drawn. The sides differ in shape as well as colour.

    Attributes:
        color: RGB, 0…255.
        joint: the mark of a keypoint, "circle" or "square".
        split: whether a dark line runs down the middle of each bone.
        dash: stroke and gap, in line widths, for lines too thin to be split; empty for a solid line.
    """

    color: tuple[int, int, int]
    joint: str
    split: bool
    dash: tuple[float, ...]


@dataclass(frozen=True)
class Look:
    """How a skeleton is drawn, wherever it is drawn. Lengths are in pixels of the picture.

    Attributes:
        sides: left, right and centre.
        rim_color: RGB of the dark rim that keeps bones and joints legible on a light background, and of the line that splits bones.
        rim: how far the rim reaches beyond a bone.
        bones_per_person: a person is this many bone widths long, so that small people stay visible.
        bones_per_image: no bone is wider than the picture's longer side divided by this.
        least_bone: the smallest width of a bone.
        splits_per_bone: a bone is as wide as this many of the lines that split it.
        joint: a joint's radius beyond half the width of a bone.
    """

    sides: Mapping[str, SideLook] = field(
        default_factory=lambda: {
            # From the palette of Okabe and Ito (2008), which colour-blind people can tell apart.
            "left": SideLook((230, 159, 0), "circle", split=False, dash=()),
            "right": SideLook((86, 180, 233), "square", split=True, dash=(2, 1)),
            "centre": SideLook((240, 240, 240), "circle", split=False, dash=()),
        }
    )
    rim_color: tuple[int, int, int] = (20, 20, 20)
    rim: int = 1
    bones_per_person: int = 80
    bones_per_image: int = 100
    least_bone: int = 2
    splits_per_bone: int = 3
    joint: int = 2


#: The one table that drawings, plots, HTML and the browser read.
LOOK = Look()

#: How far people who label a keypoint disagree, as a share of the person's size: the constants of COCO's OKS metric
#: (cocodataset.org, keypoint evaluation).
SIGMAS = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89], np.float32) / 1000


def side(*points: int) -> str:
    """`"left"` or `"right"` where all `points` (keypoint indices) are on that side or the nose, else `"centre"`."""
    sides = {KEYPOINTS[i].partition("_")[0] for i in points} - {"nose"}
    return sides.pop() if len(sides) == 1 else "centre"


def keypoint_index(name: str) -> int:
    """The index of keypoint `name` in all arrays.

    Raises:
        PosekitError: there is no such keypoint; the message names the nearest one.
    """
    if name in INDEX:
        return INDEX[name]
    raise PosekitError(f"there is no keypoint {name!r}; {nearest(name, KEYPOINTS)}")
