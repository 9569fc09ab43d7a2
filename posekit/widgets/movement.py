"""Repetitions and postures in a live picture, as traits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

from posekit.motion import EXERCISES, Exercise, LiveMovement, PostureClassifier, RepetitionCounter
from posekit.pose import Poses
from posekit.widgets.guard import guarded


class Movement(traitlets.HasTraits):
    """The part of a widget that counts repetitions and names postures."""

    exercise = traitlets.Unicode("", help="the exercise whose repetitions are counted; empty for none").tag(sync=True)
    show_angles = traitlets.Bool(False, help="whether the joints' angles are written beside them").tag(sync=True)
    repetitions = traitlets.Int(0, min=0, help="repetitions counted so far, of all people")
    partial = traitlets.Int(0, min=0, help="repetitions that were begun, but not deep enough to count")
    phase = traitlets.Unicode("", help="rest, out (on the way to the extreme), back, or empty")
    depth = traitlets.Float(float("nan"), help="0 at rest, 1 at a full extreme, NaN where it cannot be told")
    posture = traitlets.Unicode("", help="the posture of the most confident person; 'unknown' if it is none of those learned")
    _exercises = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _presets = traitlets.List(traitlets.Unicode()).tag(sync=True)  # the exercises that a browser can count by itself

    def _prepare_movement(self, exercise: str | Exercise | None, postures: PostureClassifier | None) -> dict[str, Any]:
        """Returns the traits with which the widget is then created."""
        self._postures, self._own_exercises = postures, dict(EXERCISES)
        self._movement = LiveMovement(exercise, postures)
        if not self._movement.counter:
            return {}
        chosen = self._movement.counter.exercise
        self._own_exercises[chosen.name] = chosen
        presets = [name for name, each in self._own_exercises.items() if EXERCISES.get(name) is each]
        return {"exercise": chosen.name, "_exercises": list(self._own_exercises), "_presets": presets}

    @property
    def counter(self) -> RepetitionCounter | None:
        """The counter itself: `live.counter.to_pandas()` is the table of the repetitions so far."""
        return self._movement.counter

    def recount(self) -> None:
        """Restarts the count at 0, as the widget's button does."""
        self._on_recount()
        self._tell_recount()

    def _tell_recount(self) -> None:
        """Tells a browser that counts by itself to restart."""

    def _on_recount(self, *_: object) -> None:
        self._movement.reset()
        self._show_movement({})

    def _move(self, poses: Poses, time: float) -> dict[str, Any]:
        """Handles a frame; returns what the front end shows."""
        said = self._movement.update(poses, time)
        self._show_movement(said)
        return said

    def _show_movement(self, said: Mapping[str, Any]) -> None:
        self.repetitions, self.partial = said.get("count", 0), said.get("partial", 0)
        self.phase, self.posture = said.get("phase", ""), said.get("posture", "")
        depth = said.get("depth")
        self.depth = float("nan") if depth is None else depth

    @traitlets.observe("exercise")
    @guarded
    def _change_exercise(self, change: Mapping[str, Any]) -> None:
        counter, name = self._movement.counter, change["new"]
        if (counter.exercise.name if counter else "") != name:
            self._movement = LiveMovement(self._own_exercises.get(name, name), self._postures)
            self._show_movement({})
