"""The clips: who moves how before which camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import motion
import training
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

MIA = Look(
    skin="#5b3a29", hair="#120d0b", shirt="#f4f1ea", collar="#d8d2c4", trousers="#7a3348", shoes="#303438",
    lips="#5a2a27", sleeve=0.35, legs=1.80, build=0.94, scale=0.94,
)  # fmt: skip
TOM = Look(
    skin="#f0c9a8", hair="#a8672f", shirt="#3c5a4a", collar="#2f483b", trousers="#b9a988", shoes="#2f4f86",
    style="short", sleeve=0.75, legs=0.95, build=1.16, waist=1.32, scale=1.0,
)  # fmt: skip

Poses = Callable[[float], list[Pose]]


@dataclass(frozen=True)
class Clip:
    """A scene: its length in frames, its camera, and a pose for each person at each moment.

    `repetitions` and `postures` go into the truth: what there is to count, and the name of each frame's posture.
    """

    name: str
    frames: int
    camera: Camera
    who: dict[str, Look]
    poses: Poses
    repetitions: dict[str, object] | None = None
    postures: tuple[str, ...] = ()
    still: bool = False
    fps: int = FPS

    def people(self, frame: int) -> tuple[list[Skeleton], list[Solid]]:
        """Bodies and solids at a frame."""
        bodies, solids = [], []
        for index, (look, pose) in enumerate(zip(self.who.values(), self.poses(frame / self.fps), strict=True)):
            body = solve(pose)
            solids += [solid.scaled(look.scale) for solid in dress(body, look, index)]
            bodies.append(replace(body, points={name: point * look.scale for name, point in body.points.items()}))
        return bodies, solids


def _turned(pose: Pose, turn: float) -> Pose:
    return replace(pose, turn=turn)


def _counted(exercise: str, start: float, period: float, count: int) -> dict[str, object]:
    """Repetitions, and the frame in the middle of each."""
    return {"exercise": exercise, "count": count, "frames": [round(FPS * (start + period * (i + 0.49))) for i in range(count)]}


STANDING = Camera((0, 1.2, 4.8), (0, 0.86, 0), 507, 320, 240)
STEPPING = Camera((0.25, 1.2, 4.8), (0.25, 0.80, 0), 480, 320, 240)
REACHING = Camera((0, 1.2, 4.8), (0, 1.02, 0), 433, 320, 240)
LYING = Camera((0, 1.0, 4.8), (0, 0.36, 0), 720, 352, 208)


def _workout(name: str, person: str, look: Look, turn: float, fps: int, camera: Camera = STANDING) -> Clip:
    """Somebody trains, seen from a side: 0° is the front, 90° their right side."""
    workout = training.WORKOUTS[name]
    frames = round(workout.seconds * fps)
    return Clip(name, frames, camera, {person: look}, lambda t: [_turned(workout.pose(t), turn)], workout.truth(fps), fps=fps)


def _postures(person: str, look: Look, *, mirrored: bool = False) -> Clip:
    """Somebody holds postures in turn, 5 frames a second."""
    fps, names = 5, [name for name in training.POSTURES for _ in range(training.HOLD)]

    def pose(t: float) -> list[Pose]:
        _, held = training.posture(round(t * fps))
        return [training.mirrored(held) if mirrored else held]

    camera = Camera((0, 1.2, 4.8), (0, 0.80, 0), 500, 320, 320)
    return Clip(f"postures_{person.lower()}", len(names), camera, {person: look}, pose, postures=tuple(names), fps=fps)


CLIPS = {
    clip.name: clip
    for clip in (
        Clip("person", 1, Camera((0, 1.15, 4.6), (-0.02, 0.885, 0), 1010), {"Ada": ADA}, lambda t: [motion.greeting()], still=True),
        Clip(
            "squats", 228, Camera((0, 1.2, 4.8), (0, 0.86, 0), 1020), {"Ada": ADA}, lambda t: [_turned(motion.squat(t), 38)],
            _counted("squat", motion.SQUAT_START, motion.SQUAT_PERIOD, motion.SQUATS),
        ),
        Clip(
            "jumping_jacks", 168, Camera((0, 1.2, 4.8), (0, 1.06, 0), 900), {"Ada": ADA}, lambda t: [motion.jack(t)],
            _counted("jumping_jack", motion.JACK_START, motion.JACK_PERIOD, motion.JACKS),
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
        _workout("push_ups", "Leo", LEO, 90, 15, LYING),
        _workout("sit_ups", "Ada", ADA, 90, 12, LYING),
        _workout("lunges", "Mia", MIA, 45, 15, STEPPING),
        _workout("curls", "Tom", TOM, 0, 15),
        _workout("half_squats", "Mia", MIA, 0, 12),
        _workout("slow_squats", "Tom", TOM, 45, 8),
        _workout("fast_squats", "Leo", LEO, 0, 25),
        _workout("paused_squats", "Mia", MIA, 90, 8),
        Clip("tree", 24, REACHING, {"Ada": ADA}, lambda t: [_turned(training.tree(), 20 * t - 30)], postures=("tree",) * 24, fps=8),
        _postures("Ada", ADA),
        _postures("Leo", LEO, mirrored=True),
        _postures("Mia", MIA),
        _postures("Tom", TOM, mirrored=True),
    )
}  # fmt: skip
