"""How people train: lunges, push-ups, sit-ups, curls, and squats that are half, slow or held; and postures to hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from body import ANKLE, BALL_OF_FOOT, FOREARM, SHIN, STANDING, THIGH, UPPER_ARM, Arm, Foot, Pose, Vector, rotation, solve, two_bones
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
    toes_to_ankle = rotation(75) @ np.array([0, ANKLE, -BALL_OF_FOOT])
    _, up, ahead = ankles - toes_to_ankle - [0, 0, BALL_OF_FOOT]
    feet = {side: Foot((x, up, ahead), 0, 75) for side, x in (("left", 0.09), ("right", -0.09))}
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


def arms_up() -> Pose:
    """Standing with the arms lifted sideways, a little over the shoulders."""
    arm = Arm(in_plane(115), in_plane(122), thumb=(0, 1, 0), curl=8)
    return Pose(feet={"left": Foot((0.14, 0, 0), 10), "right": Foot((-0.14, 0, 0), 10)}, arms={"left": arm, "right": arm})


START = 0.5  # seconds of rest before the first repetition, and a little more after the last one


@dataclass(frozen=True)
class Workout:
    """A person repeats an exercise.

    Attributes:
        exercise: its name among posekit's presets.
        move: (how far a repetition is, 0…1, and which one it is) → the pose.
        period: of a repetition, in seconds.
        count: how many there are.
        hold: the part of the period that is spent at the extreme.
        half: none of them is deep enough to count.
        sides: of the repetitions, where they take turns.
    """

    exercise: str
    move: Callable[[float, int], Pose]
    period: float
    count: int
    hold: float = 0.0
    half: bool = False
    sides: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return START + self.period * self.count + 0.6

    def pose(self, t: float) -> Pose:
        """The body after `t` seconds."""
        return self.move(*cycle(t, START, self.period, self.count, self.hold))

    def truth(self, fps: int) -> dict[str, object]:
        """What there is to count, and the frames of the extremes."""
        frames = [round(fps * (START + self.period * (number + 0.5))) for number in range(self.count)]
        counted, half = ([], frames) if self.half else (frames, [])
        entry = {"exercise": self.exercise, "count": len(counted), "frames": counted}
        return entry | ({"half": half} if half else {}) | ({"sides": list(self.sides)} if self.sides else {})


def _side(number: int) -> str:
    return "right" if number % 2 else "left"


WORKOUTS = {
    "push_ups": Workout("push_up", lambda s, _: push_up(s), 1.6, 4),
    "half_push_ups": Workout("push_up", lambda s, _: push_up(0.42 * s), 1.6, 4, half=True),
    "lunges": Workout("lunge", lambda s, number: lunge(s, _side(number)), 2.0, 4, sides=("left", "right") * 2),
    "sit_ups": Workout("sit_up", lambda s, _: sit_up(s), 2.2, 3),
    "curls": Workout("curl", lambda s, number: curl(*((0, s) if number % 2 else (s, 0))), 1.5, 4, sides=("left", "right") * 2),
    "half_squats": Workout("squat", lambda s, _: squat_by(0.5 * s), 1.5, 4, half=True),
    "slow_squats": Workout("squat", lambda s, _: squat_by(s), 6.0, 2),
    "fast_squats": Workout("squat", lambda s, _: squat_by(s), 0.9, 5),
    "paused_squats": Workout("squat", lambda s, _: squat_by(s), 5.0, 2, hold=0.6),
}

POSTURES: dict[str, Pose] = {
    "stand": curl(0, 0),
    "arms_up": arms_up(),
    "tree": tree(),
    "squat": squat_by(1),
    "lunge": lunge(1, "left"),
    "sit": sit_up(1),
}
HOLD = 6  # frames of each posture


def mirrored(pose: Pose) -> Pose:
    """The pose in a mirror."""
    other = {"left": "right", "right": "left"}
    feet = {other[side]: replace(foot, at=(-foot.at[0], *foot.at[1:])) for side, foot in pose.feet.items()}
    (x, *rest) = pose.hips
    arms = {other[side]: arm for side, arm in pose.arms.items()}
    return replace(pose, feet=feet, arms=arms, hips=(-x, *rest))


def posture(frame: int) -> tuple[str, Pose]:
    """Postures in turn, each held while the body turns and sways a little: what there is to see in a frame, and its name."""
    number, way = divmod(frame, HOLD)
    name = list(POSTURES)[number]
    sway = np.sin(1.9 * frame)
    pose = POSTURES[name]
    pitch, yaw, roll = pose.chest
    turn = -35 + 70 * way / (HOLD - 1)
    return name, replace(pose, chest=(pitch + 2 * sway, yaw + 3 * np.cos(2.3 * frame), roll + 2 * sway), turn=turn)
