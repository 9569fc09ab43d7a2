"""The state machine of a repetition (rest, on the way out, on the way back) for one person or one of their sides."""

from __future__ import annotations

import warnings
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posekit.motion.body import Body, BoneMeter
from posekit.motion.exercises import Exercise

Point = tuple[float, float]

#: A repetition goes from a depth under `LEFT` to one over `REACHED`, and back under `LEFT`. There are two limits, so that a body
#: that trembles at one of them is not counted twice. A repetition whose greatest depth is from `PARTIAL` to `REACHED` is partial.
LEFT, PARTIAL, REACHED = 0.3, 0.4, 0.6

#: Seconds. A depth is the median over `CALM`, so that single wrong frames do not matter, and is known where more than half of these
#: frames have one. A body may be unseen for `MAX_GAP` before its repetition is dropped.
CALM, MAX_GAP = 0.15, 0.7

#: A body that is less deep than its deepest by this much is on the way back.
TURNED = 0.1

#: A body that is out of the exercise's posture for more than this share of a repetition's frames is doing something else.
MAX_OUT_OF_POSTURE = 0.25

#: In trunk lengths: how far the hips may rise or sink from one rest to the next, and how far fixed joints may move in between.
#: Somebody who moves more than that comes or goes.
MAX_RISE, MAX_MOVE = 0.35, 0.3

#: From rest to the extreme, the moving joint must go up or down by this many trunk lengths, and by half of it in a partial
#: repetition. In squats, lunges and push-ups of real and rendered people the stroke is 0.31 or more with Thunder's points, and 0.17
#: or more with Lightning's; in people who walk, or only change their posture, it is at most 0.13.
MIN_STROKE = 0.15

#: Somebody whose bones have shrunk by more than this factor is walking away.
MAX_SHRINKAGE = 1.15


@dataclass
class Repetition:
    """One repetition.

    Attributes:
        id: the id of the person.
        number: 1, 2, 3… for each person.
        side: left, right or both.
        start: when rest was left, in seconds.
        extreme: when it was deepest, in seconds.
        end: when rest was reached again, in seconds.
        depth: the greatest depth; 1 is a full repetition as the exercise defines it.
    """

    id: int
    number: int
    side: str
    start: float
    extreme: float
    end: float
    depth: float


class Person:
    """The state of one person.

    Args:
        person: the id.
        exercise: what is counted.

    Attributes:
        time: when this person was seen last, in seconds.
        unseen: the joints that the exercise needs and that were out of sight then.
    """

    def __init__(self, person: int, exercise: Exercise) -> None:
        self.exercise = exercise
        self.meter = BoneMeter()
        self.time = -np.inf
        self.unseen: tuple[str, ...] = ()
        sides = ("left", "right") if exercise.by_side else ("both",)
        self.sides = [_Side(person, side, exercise) for side in sides]

    def update(self, xy: NDArray[Any], time: float) -> list[tuple[Repetition, bool]]:
        """Takes the next frame, (17, 2) pixels; returns the repetitions that end in it, and whether each was deep enough."""
        body = self.meter(xy, time)
        self.time = time
        self.unseen = tuple(joint for joint in self.exercise.joints if np.isnan(body.point(joint)[0]))
        posture = self.exercise.posture(body)
        return [each for side in self.sides if (each := side.update(body, posture, time))]

    @property
    def depth(self) -> float:
        """The depth of the deeper side, or NaN."""
        return max((side.depth for side in self.sides if side.depth == side.depth), default=float("nan"))

    @property
    def phase(self) -> str:
        """The phase of the same side."""
        return max(self.sides, key=lambda side: (side.depth == side.depth, side.depth)).phase


@dataclass
class _Side:
    """The state machine: unknown → rest → out → back → rest, for one person or one of their sides."""

    person: int
    side: str
    exercise: Exercise
    phase: str = ""
    depth: float = float("nan")
    recent: deque[tuple[float, float, Point]] = field(default_factory=deque)
    rest: tuple[float, Point, NDArray[np.float64], float] | None = None  # time, place, size, and the moving joint's y
    time: float = -np.inf
    deepest: tuple[float, float, str, float] = (0.0, 0.0, "both", float("nan"))
    frames: int = 0
    strays: int = 0
    fixed: list[tuple[float, ...]] = field(default_factory=list)

    def update(self, body: Body, posture: bool, time: float) -> tuple[Repetition, bool] | None:
        depth = self.exercise.depth(body, self.side)
        self.recent.append((time, depth, _place(body)))
        while time - self.recent[0][0] > CALM:
            self.recent.popleft()
        known = [each for each in self.recent if each[1] == each[1]]
        if 2 * len(known) <= len(self.recent):
            self.depth = float("nan")
            if time - self.time > MAX_GAP:
                self.phase, self.rest = "", None
            return None
        self.time = time
        values = sorted(value for _, value, _ in known)
        self.depth = values[len(values) // 2]
        moment, _, place = known[len(known) // 2]  # the frame in the middle, to which the median belongs
        return self._step(body, posture, moment, place)

    def _step(self, body: Body, posture: bool, time: float, place: Point) -> tuple[Repetition, bool] | None:
        ended = None
        if self.depth <= LEFT:
            if self.phase in ("out", "back"):
                ended = self._ended(body, time, place)
            level = self._level(body)
            self.phase, self.rest, self.deepest = "rest", (time, place, _size(body), level), (0.0, time, self.side, level)
            self.frames, self.strays, self.fixed = 0, 0, []
        elif self.rest:
            self.frames += 1
            self.strays += not posture
            if time - self.rest[0] <= self.exercise.longest:  # after that it will not count anyway
                self.fixed.append(_points(body, self.exercise.fixed, self.side))
            if self.depth > self.deepest[0]:
                lead = self.exercise.lead
                self.deepest = self.depth, time, lead(body) if lead else self.side, self._level(body)
            self.phase = "back" if self.depth < self.deepest[0] - TURNED else "out"
        return ended

    def _level(self, body: Body) -> float:
        """The moving joint's y in pixels; NaN where the exercise has none."""
        return body.point(self.exercise.moving, self.side)[1] if self.exercise.moving else float("nan")

    def _moved(self) -> float:
        """How far the fixed joints have moved since rest, in pixels, without the most extreme 4 % of the frames."""
        seen = np.array(self.fixed)
        if not seen.size or np.isnan(seen).all():
            return 0.0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # the warning about a column of NaN
            low, high = np.nanquantile(seen, [0.02, 0.98], axis=0)
        return float(np.nanmax(high - low))

    def _ended(self, body: Body, time: float, place: Point) -> tuple[Repetition, bool] | None:
        assert self.rest is not None
        (start, before, size, level), (depth, extreme, side, far) = self.rest, self.deepest
        across, along = np.abs(np.subtract(place, before)) / body.bones["trunk"]
        fits = self.exercise.shortest <= time - start <= self.exercise.longest
        stays = not across > self.exercise.travel and not along > MAX_RISE and self._moved() < MAX_MOVE * body.bones["trunk"]
        stroke = abs(far - level) / body.bones["trunk"]
        complete = depth >= REACHED
        still = stroke < (MIN_STROKE if complete else MIN_STROKE / 2)  # False where the joint is out of sight (NaN)
        shrunk = np.median(_size(body) / size) < 1 / MAX_SHRINKAGE  # growth is allowed, since a body may be foreshortened at first
        if depth < PARTIAL or not fits or not stays or still or shrunk or self.strays > MAX_OUT_OF_POSTURE * self.frames:
            return None
        return Repetition(self.person, 0, side, start, extreme, time, depth), complete


def _place(body: Body) -> Point:
    """Where a body is: its hips, or its shoulders where the hips are not seen."""
    hips = body.point("hip")
    return hips if hips[0] == hips[0] else body.point("shoulder")


def _size(body: Body) -> NDArray[np.float64]:
    return np.array([body.bones[bone] for bone in ("trunk", "arm", "leg")])


def _points(body: Body, joints: tuple[str, ...], side: str) -> tuple[float, ...]:
    sides = ("left", "right") if side == "both" else (side,)
    return tuple(number for joint in joints for each in sides for number in body.point(joint, each))
