"""What a live picture shows besides the points: the count of repetitions, how far the next one is, and the posture."""

from __future__ import annotations

from typing import Any

from posekit.motion import body, phases
from posekit.motion.exercises import EXERCISES, Exercise
from posekit.motion.postures import PostureClassifier
from posekit.motion.repetitions import MIN_TOGETHER, RepetitionCounter
from posekit.pose import Poses


class LiveMovement:
    """Counts repetitions and names postures, frame by frame.

    Args:
        exercise: a name of `EXERCISES`, or an `Exercise`; None or `""` counts nothing.
        postures: a classifier of postures; None names none.

    Attributes:
        counter: the counter; None where nothing is counted.

    Raises:
        PosekitError: there is no exercise of that name.
    """

    def __init__(self, exercise: str | Exercise | None = None, postures: PostureClassifier | None = None) -> None:
        self.counter = RepetitionCounter(exercise) if exercise else None
        self._postures = postures

    def reset(self) -> None:
        """Restarts the count at 0."""
        if self.counter:
            self.counter.reset()

    def update(self, poses: Poses, time: float) -> dict[str, Any]:
        """Takes the next frame.

        Args:
            poses: the people in the frame, with ids.
            time: the time of the frame in seconds. Where it runs backwards, another clip has begun, and the count restarts.

        Returns:
            What the front end shows: `exercise`, `count` and `partial` (of all people), and of the most confident person `phase`,
            `way` (the direction: `"down"`, `"up"` or `""`), `depth` (0 at rest, 1 at a full extreme, or None) and `missing` (joints
            that are out of sight), as in `RepetitionCounter`; and `posture`. Empty where neither is asked for.
        """
        said: dict[str, Any] = {}
        if self.counter:
            if time <= self.counter.time:
                self.counter.reset()
            said["count"] = self.counter(poses, time)
            said |= _counted(self.counter)
        if self._postures:
            said["posture"] = self._postures.predict(poses if len(poses) == 1 else poses[:1])[0] if len(poses) else ""
        return said


def _counted(counter: RepetitionCounter) -> dict[str, Any]:
    known = counter.depth == counter.depth
    return {
        "exercise": counter.exercise.name,
        "partial": len(counter.partial),
        "phase": counter.phase,
        "way": counter.exercise.way(counter.phase),
        "depth": round(counter.depth, 3) if known else None,
        "missing": [] if known else list(counter.unseen),
    }


def counting_constants() -> dict[str, Any]:
    """All constants of counting, for a front end that counts by itself: those of the exercises, the phases and the bones."""
    names = ("rest", "full", "joints", "by_side", "shortest", "longest", "fixed", "moving", "travel")
    exercises = {each.name: {name: getattr(each, name) for name in names} for each in EXERCISES.values()}
    numbers = {
        phases: "LEFT PARTIAL REACHED CALM TURNED MAX_GAP MAX_OUT_OF_POSTURE MAX_RISE MAX_MOVE MIN_STROKE MAX_SHRINKAGE",
        body: "QUANTILE MEMORY INTERVAL MIN_SHARE SHARES",
    }
    constants = {name: getattr(module, name) for module, all_names in numbers.items() for name in all_names.split()}
    return {"EXERCISES": exercises, "MIN_TOGETHER": MIN_TOGETHER, **constants}
