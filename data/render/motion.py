"""How people move: a pose for each moment of a squat, a jumping jack, a walk, a greeting."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from body import STANDING, Arm, Foot, Pose, Vector, unit

Triple = tuple[float, float, float]


def ease(x: float) -> float:
    """From 0 to 1 with no jerk at either end (the minimum-jerk polynomial of reaching movements)."""
    x = min(max(x, 0.0), 1.0)
    return x**3 * (10 - 15 * x + 6 * x * x)


def keys(x: float, *frames: tuple[float, float]) -> float:
    """A value between key frames (time, value), resting at each."""
    for (t0, v0), (t1, v1) in pairwise(frames):
        if x <= t1:
            s = min(max((x - t0) / (t1 - t0), 0), 1)
            return v0 + (v1 - v0) * s * s * (3 - 2 * s)
    return frames[-1][1]


def between(a: Triple, b: Triple, s: float) -> Triple:
    """A direction turned from `a` to `b` by the part `s` of the angle."""
    u, v = unit(a), unit(b)
    turn = np.arccos(np.clip(u @ v, -1, 1))
    return triple((np.sin((1 - s) * turn) * u + np.sin(s * turn) * v) / np.sin(turn))


def triple(v: Vector) -> Triple:
    """An array as three floats."""
    x, y, z = v
    return float(x), float(y), float(z)


def in_plane(out: float, forward: float = 0.0) -> Triple:
    """Direction of a limb lifted sideways by `out` degrees and swung forward by `forward` degrees from hanging down."""
    a, b = np.radians([out, forward])
    return float(np.sin(a)), float(-np.cos(a) * np.cos(b)), float(np.cos(a) * np.sin(b))


SQUAT_START, SQUAT_PERIOD, SQUATS = 1.2, 1.5, 4


def squat(t: float) -> Pose:
    """Standing still, then squats: hips back and down, arms forward, heels on the floor."""
    phase = (t - SQUAT_START) / SQUAT_PERIOD
    phase = phase % 1 if 0 <= phase < SQUATS else 0.0
    s = ease(phase / 0.46) if phase < 0.5 else 1 - ease((phase - 0.54) / 0.44)
    reach = ease(1.25 * s) if s < 0.8 else 1.0
    arm = Arm(
        between(in_plane(11), in_plane(12, 85), reach),
        between(in_plane(6, 10), in_plane(12, 91), reach),
        thumb=between((-0.15, 0, 1), (-0.75, 0.75, 0.05), reach),
        curl=26 - 14 * reach,
    )
    return Pose(
        feet={"left": Foot((0.165, 0, 0), 20), "right": Foot((-0.165, 0, 0), 20)},
        arms={"left": arm, "right": arm},
        hips=(0, STANDING - 0.002 - 0.430 * s, 0.005 - 0.215 * s),
        pelvis=(30 * s, 0, 0),
        chest=(2 + 34 * s, 0, 0),
        head=(10 * s, 0, 0),
        knees_out=18,
    )


JACK_START, JACK_PERIOD, JACKS = 0.25, 0.86, 6


def jack(t: float) -> Pose:
    """Jumping jacks: the feet fly apart and together, the arms sweep up and down."""
    phase = (t - JACK_START) / JACK_PERIOD
    phase = phase % 1 if 0 <= phase < JACKS else 0.0
    half = 2 * phase if phase < 0.5 else 2 * phase - 1
    s = ease(half / 0.94) if phase < 0.5 else 1 - ease(half / 0.94)
    apart = ease((half - 0.20) / 0.48)
    apart = apart if phase < 0.5 else 1 - apart
    flight = np.sin(np.pi * min(max((half - 0.16) / 0.56, 0), 1)) ** 2
    crouch = keys(half, (0, 0.0), (0.12, 0.03), (0.30, 0), (0.66, 0), (0.80, 0.05), (1, 0.0)) if phase > 0 else 0.0
    width = 0.085 + 0.245 * apart
    foot = {side: Foot((x, 0.075 * flight, 0), 6 + 10 * apart, 34 * flight) for side, x in (("left", width), ("right", -width))}
    leg = np.sqrt(STANDING**2 - (width - 0.096) ** 2) - 0.003
    arm = Arm(
        in_plane(9 + 150 * s, 6),
        in_plane(5 + 170 * s, 14 - 6 * s),
        thumb=between((-0.1, 0, 1), (-0.35, 0.1, 1), s),
        curl=10,
        spread=5,
    )
    return Pose(
        feet=foot,
        arms={"left": arm, "right": arm},
        hips=(0, leg + 0.062 * flight - crouch, -0.02 * crouch / 0.05),
        pelvis=(60 * crouch, 0, 0),
        chest=(2 + 80 * crouch, 0, 0),
        head=(-20 * crouch, 0, 0),
        knees_out=10 + 6 * apart,
    )


STRIDE, STRIDE_TIME, STANCE = 1.13, 1.12, 0.62


def walk(
    t: float,
    start: tuple[float, float],
    turn: float,
    phase: float = 0.0,
    scale: float = 1.0,
    glance: float = 0.0,
    pace: float = 1.0,
) -> Pose:
    """Walking straight ahead from `start` (metres on the floor) in the direction `turn` (degrees).

    Args:
        t: seconds since the start.
        start: x and z where the walk begins.
        turn: 0 walks into the camera, 90 to the right of the picture.
        phase: where in the stride (0…1) it begins; 0 is the left heel's strike.
        scale: size of the walker.
        glance: how far the head looks to the left, degrees.
        pace: length of the stride; who makes shorter ones makes fewer, too.
    """
    stride = STRIDE * pace
    cycle = t / STRIDE_TIME * np.sqrt(pace / scale) + phase
    way = stride * (cycle - phase)
    at = (start[0] / scale + way * np.sin(np.radians(turn)), start[1] / scale + way * np.cos(np.radians(turn)))
    swing, weight = np.cos(2 * np.pi * cycle), np.cos(2 * np.pi * (cycle - STANCE / 2))
    return Pose(
        feet={"left": _step(cycle % 1, 0.075, stride), "right": _step((cycle + 0.5) % 1, -0.075, stride)},
        arms={"left": _swing(-swing * pace), "right": _swing(swing * pace)},
        hips=(0.018 * weight, 0.884 + 0.03 * (1 - pace) - 0.014 * np.cos(4 * np.pi * (cycle - 0.04)), 0),
        pelvis=(4, -7 * swing, 2.5 * weight),
        chest=(5, 7 * swing, -1.5 * weight),
        head=(2, glance + 1.5 * swing, 0),
        knees_out=3,
        place=at,
        turn=turn,
    )


def _step(phase: float, x: float, stride: float) -> Foot:
    """One foot: planted while the body passes over it, then swung forward."""
    reach = stride * STANCE / 2
    if phase < STANCE:
        z = reach - stride * phase
    else:
        s, span = (phase - STANCE) / (1 - STANCE), 1 - STANCE
        # A cubic that leaves and meets the floor as fast as the floor goes by: no sliding at either end.
        slope = -stride * span
        z = -reach + slope * s + (6 * reach - 3 * slope) * s**2 + (2 * slope - 4 * reach) * s**3
    roll = keys(phase, (0, -20), (0.10, 0), (0.36, 0), (0.62, 47), (0.67, 52), (0.84, 0), (0.94, -18), (1, -20))
    lift = keys(phase, (STANCE, 0), (0.74, 0.045), (0.86, 0.04), (1, 0))
    return Foot((x, lift, z + 0.01), 6, roll)


def _swing(forward: float) -> Arm:
    """One arm, from -1 (back) to 1 (forward); the elbow bends as it comes forward."""
    upper = 22 * forward - 2
    return Arm(in_plane(8, upper), in_plane(3, upper + 22 + 14 * forward), thumb=(-0.35, 0.2, 1), curl=28)


def greeting() -> Pose:
    """A friendly wave, the weight on the left leg, the other hand on the hip."""
    return Pose(
        feet={"left": Foot((0.075, 0, -0.03), 8), "right": Foot((-0.215, 0, 0.075), 24)},
        arms={
            "right": Arm(in_plane(74, 14), (0.30, 1, 0.24), thumb=(-1, 0.1, 0.25), hand=(0.02, 1, 0.16), curl=5, spread=9),
            "left": Arm(in_plane(42, -16), (-0.80, -0.56, 0.34), thumb=(0.1, 0.5, -0.8), hand=(-0.5, -0.8, 0.45), curl=20),
        },
        hips=(0.028, STANDING - 0.008, 0),
        pelvis=(0, -5, 4.5),
        chest=(0, 3, -4),
        head=(1, -3, 5),
    )
