"""The clips: who moves how before which camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import motion
from body import Pose, Skeleton, solve
from dress import Look, dress
from scene import Camera
from shapes import Solid

FPS = 30

ADA = Look()
LEO = Look(
    skin="#8a5a3c", hair="#1d1512", shirt="#f0b43c", collar="#d4982a", trousers="#4d5a52", shoes="#c8503c",
    lips="#7d3f35", style="short", sleeve=0.60, legs=1.84, build=1.08, waist=1.17, scale=1.05,
)  # fmt: skip

Poses = Callable[[float], list[Pose]]


@dataclass(frozen=True)
class Clip:
    """A scene: its length in frames, its camera, and a pose for each person at each moment."""

    name: str
    frames: int
    camera: Camera
    who: dict[str, Look]
    poses: Poses
    tops: tuple[int, ...] = ()
    still: bool = False

    def people(self, frame: int) -> tuple[list[Skeleton], list[Solid]]:
        """Bodies and solids at a frame."""
        bodies, solids = [], []
        for index, (look, pose) in enumerate(zip(self.who.values(), self.poses(frame / FPS), strict=True)):
            body = solve(pose)
            solids += [solid.scaled(look.scale) for solid in dress(body, look, index)]
            bodies.append(replace(body, points={name: point * look.scale for name, point in body.points.items()}))
        return bodies, solids


def _turned(pose: Pose, turn: float) -> Pose:
    return replace(pose, turn=turn)


def _tops(start: float, period: float, count: int, at: float) -> tuple[int, ...]:
    """The frames in the middle of each repetition."""
    return tuple(round(FPS * (start + period * (index + at))) for index in range(count))


CLIPS = {
    clip.name: clip
    for clip in (
        Clip("person", 1, Camera((0, 1.15, 4.6), (-0.02, 0.885, 0), 1010), {"Ada": ADA}, lambda t: [motion.greeting()], still=True),
        Clip(
            "squats", 228, Camera((0, 1.2, 4.8), (0, 0.86, 0), 1020), {"Ada": ADA}, lambda t: [_turned(motion.squat(t), 38)],
            _tops(motion.SQUAT_START, motion.SQUAT_PERIOD, motion.SQUATS, 0.49),
        ),
        Clip(
            "jumping_jacks", 168, Camera((0, 1.2, 4.8), (0, 1.06, 0), 900), {"Ada": ADA}, lambda t: [motion.jack(t)],
            _tops(motion.JACK_START, motion.JACK_PERIOD, motion.JACKS, 0.49),
        ),
        Clip(
            "walk", 120, Camera((0, 1.3, 5.6), (0, 0.88, 0), 940), {"Leo": LEO},
            lambda t: [motion.walk(t, (-2.12, -1.6), 48, 0.1, LEO.scale, -6)],
        ),
        Clip(
            "two_people", 162, Camera((0, 1.35, 6.0), (0, 0.86, 0), 820), {"Ada": ADA, "Leo": LEO},
            lambda t: [motion.walk(t, (-2.07, -0.35), 80, 0.1, 1.0, -12, 0.8),
                       motion.walk(t, (2.2, -1.3), -75, 0.45, LEO.scale, 10, 0.8)],
        ),
    )
}  # fmt: skip
