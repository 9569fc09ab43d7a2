"""Exercises as data: how far a body has come in a repetition, and the posture in which the exercise is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from posekit.errors import PosekitError, nearest
from posekit.motion.body import Body, joint_pair
from posekit.motion.checks import number

Signal = Callable[[Body, str], float]


def anywhere(body: Body) -> bool:
    """The posture of an exercise that can be done in any posture."""
    return True


@dataclass(frozen=True)
class Exercise:
    """A movement that is repeated.

    Attributes:
        name: the name that is shown.
        signal: (body, side) → a number that goes from `rest` to `full` and back in each repetition. `Body.height` gives numbers
            that do not depend on the size of a person, their place, or the view.
        rest: the signal at rest.
        full: the signal of a complete repetition at its extreme.
        joints: the joints that must be in sight; the user is told which of them are not.
        posture: (body) → whether it is in the posture of the exercise: nobody who stands does push-ups.
        by_side: whether arms or legs are counted separately, since they can alternate or move together.
        lead: (body at the extreme) → the side that a repetition belongs to.
        shortest: repetitions that take less time than this, in seconds, are noise.
        longest: repetitions that take more time than this, in seconds, are something else.
        fixed: joints that stay in place: somebody who walks is not doing squats.
        moving: a joint that goes up or down: somebody who stands is not doing squats, even if feet that leave the picture seem to
            rise.
        travel: how far the hips may have moved sideways in the picture when a repetition ends, in trunk lengths.

    Raises:
        PosekitError: a number is not finite or a joint is unknown, `rest` equals `full`, or the times are not in order.
    """

    name: str
    signal: Signal
    rest: float
    full: float
    joints: tuple[str, ...] = ()
    posture: Callable[[Body], bool] = anywhere
    by_side: bool = False
    lead: Callable[[Body], str] | None = None
    shortest: float = 0.4
    longest: float = 12.0
    fixed: tuple[str, ...] = ()
    moving: str | None = None
    travel: float = 0.8

    def __post_init__(self) -> None:
        for name in ("rest", "full", "shortest", "longest", "travel"):
            number(getattr(self, name), f"a number as {name} of {self.name}")
        if not callable(self.signal) or not callable(self.posture):
            raise PosekitError(f"{self.name}: signal is a function of (body, side), posture one of (body)")
        if isinstance(self.joints, str) or isinstance(self.fixed, str):
            raise PosekitError(f"{self.name}: joints and fixed are tuples of names, such as ('hip', 'knee')")
        for joint in (*self.joints, *self.fixed, *filter(None, [self.moving])):
            joint_pair(joint)  # raises for an unknown name
        if self.rest == self.full:
            raise PosekitError(f"{self.name}: rest and full are both {self.rest}; a repetition goes from one to the other")
        if not 0 <= self.shortest < self.longest:
            raise PosekitError(f"{self.name}: a repetition cannot take from {self.shortest} to {self.longest} seconds")

    def depth(self, body: Body, side: str = "both") -> float:
        """How far a body has come: 0 at rest, 1 at a full extreme.

        Raises:
            PosekitError: the signal does not take (body, side), or does not return a number.
        """
        try:
            return (self.signal(body, side) - self.rest) / (self.full - self.rest)
        except TypeError as error:
            raise PosekitError(f"{self.name}: expected a signal that takes (body, side) and returns a number: {error}") from error

    def way(self, phase: str) -> str:
        """The direction that belongs to a phase of `RepetitionCounter`: `"down"`, `"up"`, or `""` at rest."""
        falls = self.full < self.rest
        return {"out": "down" if falls else "up", "back": "up" if falls else "down"}.get(phase, "")


def upright(body: Body) -> bool:
    """Whether the shoulders are well above the hips; also true where shoulders or hips are out of sight."""
    return not body.height("shoulder", above="hip", per="trunk") < 0.4


def in_plank(body: Body) -> bool:
    """Whether the trunk is far from upright, the hips are low, and the hands are below the shoulders.

    Seen from behind the feet, a plank is not recognised.
    """
    return (
        body.height("shoulder", above="hip", per="trunk") < 0.7
        and body.height("hip", above="ankle", per="leg") < 0.7
        and body.height("shoulder", above="wrist", per="arm") > 0.1
    )


def on_the_floor(body: Body) -> bool:
    """Whether the hips are low: near the height of the feet, and not far above the knees."""
    low = not body.height("hip", above="ankle", per="leg") > 0.45
    return low and body.height("hip", above="knee", per="thigh") < 0.35


def _step(body: Body, joint: str) -> float:
    """How much higher the left joint of a pair is than the right one, in leg lengths."""
    return (body.point(joint, "right")[1] - body.point(joint, "left")[1]) / body.bones["leg"]


def _hips(body: Body, side: str) -> float:
    """Height of the hips above the lower foot, in leg lengths. From the front, the knee angle says nothing about a squat."""
    feet = [body.point("ankle", each)[1] for each in ("left", "right")]
    lower = max((y for y in feet if y == y), default=float("nan"))
    return (lower - body.point("hip")[1]) / body.bones["leg"]


def _shoulders_over_hands(body: Body, side: str) -> float:
    return body.height("shoulder", above="wrist", per="arm")


def _trunk(body: Body, side: str) -> float:
    return body.height("shoulder", above="hip", per="trunk")


def _lunge(body: Body, side: str) -> float:
    """Height of the hips while the legs are apart with one knee lower; otherwise that of somebody who stands."""
    split = max(abs(_step(body, "knee")) / 0.10, body.apart("ankle", "leg") / 0.5)
    hips = _hips(body, side)
    return hips if split > 1 or hips != hips else max(hips, 0.9)


def _front_leg(body: Body) -> str:
    return "left" if _step(body, "knee") > 0 else "right"


def _jack(body: Body, side: str) -> float:
    """How far the hands are up, or how far the feet are apart where that is less. From the side, the feet hide each other.

    Turning away narrows shoulders and feet alike. In shoulder widths, feet under the hips are 0.25 apart, and in jumping jacks 1 or
    more.
    """
    hands = (body.height("wrist", above="shoulder", per="arm") + 0.8) / 1.5
    breadth = min(1.0, body.apart("shoulder", "trunk") / 0.7)
    if breadth < 0.4:
        return hands
    return min(hands, (body.apart("ankle", "leg") / breadth - 0.25) / 0.5)


def _curl(body: Body, side: str) -> float:
    """Height of the hand above the elbow while the upper arm hangs. A bent elbow is not at rest, wherever the hand is."""
    if not body.height("elbow", above="shoulder", per="upper_arm", side=side) < -0.5:
        return float("nan")
    hand = body.height("wrist", above="elbow", per="forearm", side=side)
    return hand if body.angle(f"{side}_elbow") > 120 else max(hand, 0.0)


def _raise(body: Body, side: str) -> float:
    """Height of the hand or the elbow above the shoulder, whichever is lower."""
    return min(
        body.height("wrist", above="shoulder", per="arm", side=side),
        body.height("elbow", above="shoulder", per="upper_arm", side=side),
    )


LEGS, ARMS = ("hip", "knee", "ankle"), ("shoulder", "elbow", "wrist")

#: The presets by name. Some movements look alike: a crunch that goes high enough counts as a sit-up, and in a jumping jack the hips
#: sink as in a shallow squat. So choose the exercise that is being done.
EXERCISES: dict[str, Exercise] = {
    exercise.name: exercise
    for exercise in (
        Exercise("squat", _hips, 0.95, 0.55, LEGS, upright, shortest=0.5, fixed=("ankle",), moving="hip"),
        Exercise("push_up", _shoulders_over_hands, 0.92, 0.40, (*ARMS, "hip"), in_plank, fixed=("wrist",), moving="shoulder"),
        Exercise(
            "sit_up", _trunk, 0.15, 0.95, ("shoulder", "hip", "knee"), on_the_floor, shortest=0.6, fixed=("hip",), moving="shoulder"
        ),
        Exercise("lunge", _lunge, 0.95, 0.60, LEGS, upright, lead=_front_leg, shortest=0.7, moving="hip", travel=2.5),
        Exercise("jumping_jack", _jack, 0.0, 1.0, (*ARMS, *LEGS), upright, shortest=0.3, longest=5.0),
        Exercise("curl", _curl, -0.65, 0.95, ARMS, upright, by_side=True, fixed=("hip",)),
        Exercise("arm_raise", _raise, -0.90, 0.05, ARMS, upright, by_side=True, fixed=("hip",)),
    )
}


def find_exercise(exercise: str | Exercise) -> Exercise:
    """An exercise by its name.

    Raises:
        PosekitError: there is no preset of that name; the message names the nearest one.
    """
    if isinstance(exercise, Exercise):
        return exercise
    if not isinstance(exercise, str) or exercise not in EXERCISES:
        raise PosekitError(f"there is no exercise {exercise!r}; {nearest(exercise, tuple(EXERCISES))}, or give an Exercise")
    return EXERCISES[exercise]
