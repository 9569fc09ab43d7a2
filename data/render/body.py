"""A body as bones: a pose in, joints and frames out. Lengths are those of a person of 1.74 m, in metres.

x points to the person's left, y up, z forward; turned by 0°, a person looks along +z, into the camera.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

KEYPOINTS = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
    "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
SIDES = {"left": 1.0, "right": -1.0}

THIGH, SHIN, ANKLE = 0.425, 0.405, 0.082
UPPER_ARM, FOREARM = 0.285, 0.25
HIP_HALF, SHOULDER_HALF = 0.096, 0.162
ACROMION = 0.016  # people who label pictures mark the end of the collar bone, above the centre of the joint
BALL_OF_FOOT, HEEL = 0.125, -0.05
STANDING = THIGH + SHIN + ANKLE - 0.004


@dataclass
class Foot:
    """A sole: where the point under the ankle stands when flat, which way it points, and how it rolls.

    `roll` > 0 lifts the heel around the ball of the foot, `roll` < 0 lifts the toes around the heel; degrees.
    """

    at: tuple[float, float, float]
    yaw: float = 0
    roll: float = 0


@dataclass
class Arm:
    """Directions of upper arm and forearm, and where the thumb points; person's axes, any length."""

    upper: tuple[float, float, float]
    fore: tuple[float, float, float]
    thumb: tuple[float, float, float] = (0, 0, 1)
    hand: tuple[float, float, float] | None = None
    curl: float = 25
    spread: float = 3
    shrug: float = 0


@dataclass
class Pose:
    """Everything that moves. Tilts are (pitch forward, yaw to the left, roll left side up), degrees."""

    feet: dict[str, Foot]
    arms: dict[str, Arm]
    hips: tuple[float, float, float] = (0, STANDING, 0)
    pelvis: tuple[float, float, float] = (0, 0, 0)
    chest: tuple[float, float, float] = (0, 0, 0)
    head: tuple[float, float, float] = (0, 0, 0)
    knees_out: float = 8
    place: tuple[float, float] = (0, 0)
    turn: float = 0


@dataclass
class Skeleton:
    """A posed body in the world: points by name, and the frames that shapes hang on.

    The columns of a frame point left, up and forward; those of a hand along thumb, fingers and palm.
    """

    points: dict[str, Vector] = field(default_factory=dict)
    frames: dict[str, Vector] = field(default_factory=dict)
    grips: dict[str, tuple[float, float]] = field(default_factory=dict)  # curl and spread of the fingers, degrees


def rotation(pitch: float = 0, yaw: float = 0, roll: float = 0) -> Vector:
    """Roll, then pitch, then yaw; degrees."""
    (cp, cy, cr), (sp, sy, sr) = (f(np.radians([pitch, yaw, roll])) for f in (np.cos, np.sin))
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def unit(v: Vector | tuple[float, float, float]) -> Vector:
    """A vector of length one."""
    v = np.asarray(v, float)
    return v / float(np.linalg.norm(v))


def place(origin: Vector, frame: Vector) -> Callable[[float, float, float], Vector]:
    """A function from coordinates in a frame to points of the world."""
    return lambda x, y, z: origin + frame @ np.array([x, y, z])


def two_bones(start: Vector, end: Vector, first: float, second: float, pole: Vector) -> tuple[Vector, Vector]:
    """Middle joint and reachable end of a two-bone chain that bends towards `pole` (law of cosines)."""
    line = end - start
    distance = min(float(np.linalg.norm(line)), (first + second) * 0.9995)
    along = unit(line)
    x = (first**2 - second**2 + distance**2) / (2 * distance)
    out = unit(pole - along * (along @ pole))
    return start + along * x + out * np.sqrt(max(first**2 - x**2, 0)), start + along * distance


def solve(pose: Pose) -> Skeleton:
    """Forward kinematics from hips to head and hands, two-bone inverse kinematics from hips to feet."""
    body = Skeleton()
    _spine(body, pose)
    for name, side in SIDES.items():
        _leg(body, pose, name, side)
        _arm(body, pose.arms[name], name, side)
    _face(body)
    world = rotation(yaw=pose.turn)
    shift = np.array([pose.place[0], 0, pose.place[1]])
    body.points = {name: world @ point + shift for name, point in body.points.items()}
    body.frames = {name: world @ frame for name, frame in body.frames.items()}
    return body


def _spine(body: Skeleton, pose: Pose) -> None:
    pelvis, chest, head = rotation(*pose.pelvis), rotation(*pose.chest), rotation(*pose.head)
    waist = (pelvis + chest) / 2
    hips = np.array(pose.hips, float)
    middle = hips + pelvis @ [0, 0.11, 0.0] + waist @ [0, 0.185, 0.005]
    neck = middle + chest @ [0, 0.255, -0.018]
    skull = neck + (chest + 2 * head) / 3 @ [0, 0.150, 0.022]
    body.points |= {"hips": hips, "chest": middle, "neck": neck, "head": skull}
    body.frames |= {"pelvis": pelvis, "chest": chest, "head": head}


def _leg(body: Skeleton, pose: Pose, name: str, side: float) -> None:
    foot = pose.feet[name]
    hip = body.points["hips"] + body.frames["pelvis"] @ [side * HIP_HALF, 0, 0]
    flat = rotation(yaw=foot.yaw * side)
    frame = rotation(foot.roll, foot.yaw * side)
    pivot = np.array([0, 0, BALL_OF_FOOT if foot.roll > 0 else HEEL])
    ankle = np.array(foot.at) + flat @ pivot + frame @ (np.array([0, ANKLE, 0]) - pivot)
    ahead = flat @ rotation(yaw=pose.knees_out * side) @ [0, 0, 1]
    knee, reached = two_bones(hip, ankle, THIGH, SHIN, ahead + np.array([0, 0.25, 0]))
    body.points |= {f"{name}_hip": hip, f"{name}_knee": knee, f"{name}_ankle": reached}
    body.frames[f"{name}_foot"] = frame
    # Toes stay on the floor while the heel rises.
    body.frames[f"{name}_toes"] = rotation(min(foot.roll, 0) + 0.25 * max(foot.roll, 0), foot.yaw * side)


def _arm(body: Skeleton, arm: Arm, name: str, side: float) -> None:
    chest = body.frames["chest"]
    lift = 0.045 * max(unit(arm.upper)[1] + 0.1, 0) + arm.shrug
    shoulder = body.points["chest"] + chest @ [side * (SHOULDER_HALF - 0.35 * lift), 0.203 + lift, -0.012]
    upper, fore = unit(_mirror(arm.upper, side)), unit(_mirror(arm.fore, side))
    elbow = shoulder + UPPER_ARM * upper
    body.points |= {f"{name}_arm": shoulder, f"{name}_elbow": elbow, f"{name}_wrist": elbow + FOREARM * fore}
    body.points[f"{name}_shoulder"] = shoulder + chest @ [0, ACROMION, 0]
    along = unit(_mirror(arm.hand, side)) if arm.hand else fore
    thumb = np.array(_mirror(arm.thumb, side))
    thumb = unit(thumb - along * (along @ thumb))
    body.frames[f"{name}_hand"] = np.stack([thumb, along, side * np.cross(along, thumb)], axis=1)
    body.grips[name] = (arm.curl, arm.spread)


def _mirror(v: tuple[float, float, float], side: float) -> Vector:
    """Arms are described as if they were left ones: x is outwards."""
    return np.array([v[0] * side, v[1], v[2]], float)


FACE = {
    "nose": (0.0, -0.020, 0.119),
    "left_eye": (0.0315, 0.012, 0.088),
    "left_ear": (0.081, -0.004, 0.0),
}


def _face(body: Skeleton) -> None:
    for name, at in FACE.items():
        body.points[name] = body.points["head"] + body.frames["head"] @ at
        if name.startswith("left"):
            mirrored = np.array([-at[0], at[1], at[2]])
            body.points[name.replace("left", "right")] = body.points["head"] + body.frames["head"] @ mirrored


def angle(a: Vector, b: Vector, c: Vector) -> float:
    """Angle at `b` between the ways to `a` and to `c`, degrees."""
    return float(np.degrees(np.arccos(np.clip(unit(a - b) @ unit(c - b), -1, 1))))


ANGLES = {
    "knee": ("hip", "knee", "ankle"),
    "elbow": ("shoulder", "elbow", "wrist"),
    "hip": ("shoulder", "hip", "knee"),
    "shoulder": ("hip", "shoulder", "elbow"),
}


def angles(points: dict[str, Vector]) -> dict[str, float]:
    """The eight joint angles, degrees; 180 is straight."""
    return {
        f"{side}_{joint}": angle(*(points[f"{side}_{name}"] for name in chain)) for joint, chain in ANGLES.items() for side in SIDES
    }
