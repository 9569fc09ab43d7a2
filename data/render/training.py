"""How people train: lunges, push-ups, sit-ups, curls, and squats that are half, slow or held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from body import ANKLE, FOREARM, SHIN, STANDING, THIGH, UPPER_ARM, Arm, Foot, Pose, Vector, solve, two_bones
from motion import ease, in_plane, squat, triple


def cycle(t: float, start: float, period: float, count: int, hold: float = 0.0) -> tuple[float, int]:
    """How far a repetition is at time `t`, 0…1, and which one it is.

    Args:
        t: seconds.
        start: of the first one.
        period: of each, in seconds.
        count: how many there are; then rest.
        hold: the part of the period that is spent at the extreme.
    """
    phase = (t - start) / period
    if not 0 <= phase < count:
        return 0.0, 0
    part, way = phase % 1, (1 - hold) / 2
    return (ease(part / way) if part < 0.5 else ease((1 - part) / way)), int(phase)


def squat_by(depth: float) -> Pose:
    """A squat of the sample clip at a depth of 0…1: there it is at full depth halfway through its first repetition."""
    times = np.linspace(1.2, 1.2 + 0.46 * 1.5, 400)
    depths = [ease((t - 1.2) / 1.5 / 0.46) for t in times]
    return squat(float(np.interp(depth, depths, times)))


def lunge(s: float, side: str) -> Pose:
    """A step forward with one leg, down, and back; the foot is there before the hips sink."""
    other = "right" if side == "left" else "left"
    way, down = ease(min(1.0, s * 1.6)), ease((s - 0.25) / 0.75)
    sign = 1.0 if side == "left" else -1.0
    lift = 0.1 * np.sin(np.pi * way) if s < 0.7 else 0.0
    feet = {side: Foot((0.09 * sign, lift, 0.82 * way), 4), other: Foot((-0.09 * sign, 0, 0), 4, 50 * max(way, down))}
    arm = Arm(in_plane(14), in_plane(-12, 10))
    return Pose(
        feet=feet,
        arms={"left": arm, "right": arm},
        hips=(0, STANDING - 0.004 - 0.06 * way - 0.36 * down, 0.42 * way),
        pelvis=(4 * down, 0, 0),
        chest=(6 * down, 0, 0),
        knees_out=2,
    )


def curl(left: float, right: float) -> Pose:
    """Standing with the forearms lifted by 0…1 each, palms up."""
    arms = {
        side: Arm(in_plane(8, 4 + 10 * s), in_plane(6, 12 + 138 * s), thumb=(1, 0, 0.2), curl=70)
        for side, s in (("left", left), ("right", right))
    }
    return Pose(feet={"left": Foot((0.1, 0, 0), 8), "right": Foot((-0.1, 0, 0), 8)}, arms=arms, hips=(0, STANDING - 0.003, 0))


def push_up(s: float) -> Pose:
    """On hands and toes, a straight line from heels to head; 1 is the chest near the floor."""
    shoulders, toes = 0.60 - 0.36 * s, 0.13
    rise = np.arcsin((shoulders - toes) / (THIGH + SHIN + 0.50))
    along = np.array([0, np.sin(rise), np.cos(rise)])
    ankles = np.array([0, toes, -0.85])
    hips = ankles + along * (THIGH + SHIN - 0.004)
    pitch = 90 - np.degrees(rise)
    still = Arm((0, -1, 0), (0, -1, 0), thumb=(-1, 0, 0), hand=(0, -0.2, 1))
    feet = {side: Foot((x, -ANKLE + 0.03, -0.85), 0, 75) for side, x in (("left", 0.09), ("right", -0.09))}
    pose = Pose(
        feet=feet,
        arms={"left": still, "right": still},
        hips=triple(hips),
        pelvis=(pitch, 0, 0),
        chest=(pitch, 0, 0),
        head=(-25, 0, 0),
    )
    return replace(pose, arms={side: _reaching(pose, side, sign) for side, sign in (("left", 1.0), ("right", -1.0))})


def _reaching(pose: Pose, side: str, sign: float) -> Arm:
    """The arm whose hand stays where it is on the floor."""
    shoulder = solve(pose).points[f"{side}_arm"]
    hand = np.array([sign * 0.26, 0.07, 0.42])
    elbow, wrist = two_bones(shoulder, hand, UPPER_ARM, FOREARM, np.array([sign * 0.8, 0.2, -0.6]))
    upper, fore = (np.multiply(v, [sign, 1, 1]) for v in (elbow - shoulder, wrist - elbow))
    return Arm(triple(upper), triple(fore), thumb=(-1, 0, 0.3), hand=(0, -0.15, 1), curl=5)


def sit_up(s: float) -> Pose:
    """On the back, knees bent, feet on the floor, hands at the shoulders; 1 is upright."""
    chest, pelvis = -88 + 82 * s, -88 + 60 * s
    turn = np.radians(chest)
    up: Vector = np.array([0, np.cos(turn), np.sin(turn)])
    front: Vector = np.array([0, -np.sin(turn), np.cos(turn)])
    arm = Arm(triple(-0.8 * up + 0.6 * front + [0.3, 0, 0]), triple(up + 0.35 * front - [0.9, 0, 0]), thumb=triple(up), curl=20)
    feet = {"left": Foot((0.11, 0, 0.42), 6), "right": Foot((-0.11, 0, 0.42), 6)}
    return Pose(
        feet=feet, arms={"left": arm, "right": arm}, hips=(0, 0.12, 0), pelvis=(pelvis, 0, 0), chest=(chest, 0, 0), knees_out=4
    )


def tree() -> Pose:
    """The tree of yoga: on the left leg, the right foot against the left knee, palms together overhead."""
    arm = Arm(in_plane(160), in_plane(196), thumb=(-0.2, 0, -1), hand=(0, 1, 0), curl=2)
    feet = {"left": Foot((0.03, 0, 0), 6), "right": Foot((0.0, 0.42, 0.02), 85, 60)}
    return Pose(feet=feet, arms={"left": arm, "right": arm}, hips=(0.02, STANDING - 0.003, 0), knees_out=8)
