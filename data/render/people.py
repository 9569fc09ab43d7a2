"""Stills of one and the same motion by people who differ in one thing: for measuring whether that thing matters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import motion
import numpy as np
from body import Arm, Foot, Pose, Skeleton, place, rotation, solve
from clips import ADA
from dress import Look, colour, dress
from motion import in_plane
from scene import Camera
from shapes import UP, Solid, cone

SIDE = 256  # of a still, pixels
LEVEL = Camera((0, 1.15, 4.6), (0, 1.04, 0), 500, SIDE, SIDE)
HIGH = Camera((0, 3.3, 3.6), (0, 1.02, 0), 460, SIDE, SIDE)
LOW = Camera((0, 0.12, 4.5), (0, 1.04, 0), 490, SIDE, SIDE)
PROPS = 1  # the number of what is not the person, which can hide joints


def _poses() -> list[Pose]:
    """Twenty moments of the sample clips, turned by up to 60 degrees."""
    greeting = [motion.greeting() for _ in range(3)]
    squats = [motion.squat(1.2 + t) for t in (0.0, 0.25, 0.4, 0.5, 0.7)]
    jacks = [motion.jack(motion.JACK_START + motion.JACK_PERIOD * s) for s in (0, 0.12, 0.2, 0.3, 0.4, 0.5)]
    walks = [motion.walk(t, (0, 0), 0) for t in (0.1, 0.28, 0.46, 0.64, 0.82, 1.0)]
    turns = (0, 30, -40, 20, -45, 60, 35, -20, 0, 15, -30, 45, -10, 25, -60, 50, -25, 40, 10, -50)
    return [replace(pose, turn=turn, place=(0, 0)) for pose, turn in zip(greeting + squats + jacks + walks, turns, strict=True)]


POSES = _poses()


def _same(pose: Pose) -> Pose:
    return pose


def _turned(by: float) -> Callable[[Pose], Pose]:
    return lambda pose: replace(pose, turn=pose.turn + by)


def _sideways(pose: Pose) -> Pose:
    return replace(pose, turn=90 + pose.turn / 4)


def _seated(pose: Pose) -> Pose:
    feet = {side: Foot((x, 0.09, 0.46), 4) for side, x in (("left", 0.11), ("right", -0.11))}
    return Pose(feet, pose.arms, hips=(0, 0.56, 0), chest=(3, 0, 0), head=pose.head, knees_out=4, turn=pose.turn)


def _left_hand_down(pose: Pose) -> Pose:
    arm = Arm(in_plane(16, 4), in_plane(8, 22), thumb=(-0.2, 0.3, 1), curl=60)
    return replace(pose, arms={**pose.arms, "left": arm})


def _stooping(pose: Pose) -> Pose:
    return replace(pose, chest=(26, pose.chest[1], pose.chest[2]), head=(12, pose.head[1], pose.head[2]))


def _stool(pose: Pose, body: Skeleton) -> list[Solid]:
    at = place(np.zeros(3), rotation(yaw=pose.turn))
    seat = cone(at(0, 0.43, 0.02), at(0, 0.455, 0.02), 0.19, 0.19, colour("#9a7350"), cut=(0, 1))
    leg = cone(at(0, 0.0, 0.02), at(0, 0.44, 0.02), 0.05, 0.04, colour("#6d5038"))
    rest = cone(at(-0.2, 0.05, 0.5), at(0.2, 0.05, 0.5), 0.03, 0.03, colour("#6d5038"), side=UP)
    return [Solid([seat, leg], person=PROPS), Solid([rest], person=PROPS)]


def _wheelchair(pose: Pose, body: Skeleton) -> list[Solid]:
    """Two large wheels with push rims, casters, seat, back with handles, footrests."""
    at = place(np.zeros(3), rotation(yaw=pose.turn))
    tyre, frame, cloth, cover = (colour(code) for code in ("#26282c", "#8f959e", "#2f3338", "#b9c3cf"))
    solids = []
    for x in (0.27, -0.27):
        out = 0.03 if x > 0 else -0.03
        wheel = [
            cone(at(x, 0.3, -0.03), at(x + out, 0.3, -0.03), 0.30, 0.30, tyre, side=UP, cut=(0, 1), blend=0.002),
            cone(at(x, 0.3, -0.03), at(x + 1.2 * out, 0.3, -0.03), 0.265, 0.265, cover, side=UP, cut=(0, 1), blend=0.002),
            cone(at(x, 0.3, -0.03), at(x + 1.6 * out, 0.3, -0.03), 0.05, 0.05, frame, side=UP, cut=(0, 1), blend=0.002),
        ]
        inner = x * 0.72
        bars = [
            cone(at(inner, 0.40, -0.22), at(inner, 0.93, -0.27), 0.013, 0.013, frame),
            cone(at(inner, 0.93, -0.27), at(inner, 0.93, -0.38), 0.017, 0.017, tyre),
            cone(at(inner, 0.44, -0.2), at(inner, 0.42, 0.34), 0.015, 0.015, frame),
            cone(at(inner, 0.42, 0.34), at(inner * 0.7, 0.10, 0.44), 0.015, 0.015, frame),
            cone(at(inner * 0.9, 0.07, 0.40), at(inner * 0.4, 0.07, 0.54), 0.022, 0.022, tyre, side=UP),
            cone(at(inner, 0.36, 0.3), at(inner, 0.075, 0.26), 0.012, 0.012, frame),
            cone(
                at(inner - 0.012, 0.07, 0.26), at(inner + 0.012, 0.07, 0.26), 0.068, 0.068, tyre, side=UP, cut=(0, 1), blend=0.002
            ),
        ]
        solids += [Solid(wheel, None, 0.1, person=PROPS), Solid(bars, None, 0.2, person=PROPS)]
    seat = [
        cone(at(0, 0.435, -0.16), at(0, 0.425, 0.30), 0.17, 0.17, cloth, scale=(1.1, 1, 0.16)),
        cone(at(0, 0.52, -0.225), at(0, 0.86, -0.265), 0.17, 0.17, cloth, scale=(1.1, 0.8, 0.13), blend=0.03),
    ]
    return [*solids, Solid(seat, None, 0.0, person=PROPS)]


def _crutch(pose: Pose, body: Skeleton) -> list[Solid]:
    """A forearm crutch in the left hand: shaft, grip, cuff."""
    wrist, elbow = body.points["left_wrist"], body.points["left_elbow"]
    hand, out = body.frames["left_hand"], body.frames["pelvis"][:, 0]
    grip = wrist + 0.075 * hand[:, 1]
    foot = np.array([grip[0], 0.02, grip[2]]) + 0.10 * out
    cuff = elbow + 0.3 * (wrist - elbow) + 0.045 * out
    metal, rubber = colour("#8f959e"), colour("#26282c")
    shaft = [
        cone(grip, foot, 0.013, 0.012, metal),
        cone(grip, cuff, 0.013, 0.013, metal),
        cone(foot, foot + [0, 0.04, 0], 0.022, 0.016, rubber, blend=0.004),
        cone(cuff - 0.02 * out, cuff + 0.01 * out, 0.05, 0.05, rubber, side=UP, cut=(0, 1), blend=0.004),
    ]
    return [Solid(shaft, None, 0.2, person=PROPS)]


def _nothing(pose: Pose, body: Skeleton) -> list[Solid]:
    return []


@dataclass(frozen=True)
class Group:
    """Twenty stills that differ from those of the group `against` in one thing."""

    name: str
    against: str = "base"
    look: Look = ADA
    pose: Callable[[Pose], Pose] = _same
    props: Callable[[Pose, Skeleton], list[Solid]] = _nothing
    camera: Camera = LEVEL

    def people(self, frame: int) -> tuple[list[Skeleton], list[Solid]]:
        """The body and all solids of a still."""
        pose = self.pose(POSES[frame])
        body = solve(pose)
        return [body], [*dress(body, self.look), *self.props(pose, body)]


PALE = {"shirt": "#dfe5ee", "collar": "#d3dae4", "trousers": "#e3e1df", "shoes": "#d9d6d2"}

GROUPS = (
    Group("base"),
    Group("dark skin", look=replace(ADA, skin="#4f2f1e", lips="#6b3a34")),
    Group("light skin", look=replace(ADA, skin="#f1cdb5", lips="#c9776a")),
    Group("no hair", look=replace(ADA, style="none", hair="#b98d72")),
    Group("headscarf", look=replace(ADA, style="scarf", hair="#3d6b8c")),
    Group("wide robe", look=replace(ADA, robe=True, shirt="#7a3f63", collar="#64324f", trousers="#7a3f63")),
    Group("clothes like the wall", look=replace(ADA, **PALE)),
    Group("heavy build", look=replace(ADA, build=1.28, waist=1.55)),
    Group("slight build", look=replace(ADA, build=0.84, waist=0.86)),
    Group("stooping, grey hair", look=replace(ADA, hair="#b9bbc0", style="short"), pose=_stooping),
    Group("from the side", pose=_sideways),
    Group("from behind", pose=_turned(180)),
    Group("camera high up", camera=HIGH),
    Group("camera on the floor", camera=LOW),
    Group("on a stool", pose=_seated, props=_stool),
    Group("in a wheelchair", against="on a stool", pose=_seated, props=_wheelchair),
    Group("left hand down", pose=_left_hand_down),
    Group("with a crutch", against="left hand down", pose=_left_hand_down, props=_crutch),
)
