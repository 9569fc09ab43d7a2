"""Counting the repetitions of an exercise, frame by frame, with the same counter for clips and cameras."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from posekit.errors import PosekitError, require
from posekit.motion.body import MEMORY
from posekit.motion.checks import frame_of_poses, number, threshold_of
from posekit.motion.exercises import Exercise, find_exercise
from posekit.motion.phases import Person, Repetition
from posekit.motion.tracks import read_tracks
from posekit.pose import THRESHOLD, Poses

if TYPE_CHECKING:
    import pandas

#: Two sides move together where their repetitions overlap for more than this share of the shorter one.
MIN_TOGETHER = 0.5

#: Joints that are seen in less than this share of the frames are reported as missing.
MIN_SEEN = 0.5


class RepetitionCounter:
    """Counts the repetitions of an exercise for each person in a clip or a camera's picture.

    Call it with the poses of one frame after another.

    Args:
        exercise: a name of `EXERCISES`, or an `Exercise`.
        threshold: keypoints with a lower score are not used.

    Attributes:
        exercise: what is counted.
        repetitions: those that were counted, in the order in which they ended.
        partial: those that were begun, but were not deep enough.
        depth: that of the most confident person in the last frame; 0 at rest, 1 at a full extreme, NaN where it is not known.
        phase: that of the same person: `"rest"`, `"out"` on the way to the extreme, `"back"`, or `""` where it is not known.
        unseen: the joints of the same person that the exercise needs and that are out of sight.
        time: the time of the last frame in seconds; `-inf` before the first.

    Raises:
        PosekitError: there is no exercise of that name, or the threshold is not from 0 to 1.
    """

    def __init__(self, exercise: str | Exercise, *, threshold: float = THRESHOLD) -> None:
        self.exercise = find_exercise(exercise)
        self.threshold = threshold_of(threshold)
        self.reset()

    def reset(self) -> None:
        """Starts again at 0, for another clip or person."""
        self.repetitions: list[Repetition] = []
        self.partial: list[Repetition] = []
        self._forget_frame()
        self._people: dict[int, Person] = {}
        self._frames, self._seen = 0, Counter[str]()
        self.time = float("-inf")

    def _forget_frame(self) -> None:
        self.depth, self.phase = float("nan"), ""
        self.unseen: tuple[str, ...] = ()

    def __call__(self, poses: Poses, time: float) -> int:
        """Takes the next frame.

        Args:
            poses: the people in the frame; if there are several, with ids, as a `Tracker` returns them.
            time: the time of the frame in seconds.

        Returns:
            How many repetitions have been counted so far, of all people together.

        Raises:
            PosekitError: the time is not a number or not later than the last one, several people have no ids, or `poses` are not
                poses.
        """
        poses = frame_of_poses(poses)
        if poses.id is None and len(poses) > 1:
            raise PosekitError(f"{len(poses)} people without ids cannot be told apart; take the poses of a posekit.Tracker")
        ids = np.zeros(len(poses), int) if poses.id is None else poses.id
        return self.update(ids, np.where(poses.score[..., None] >= self.threshold, poses.xy, np.nan).astype(float), time)

    def update(self, ids: NDArray[Any], xy: NDArray[Any], time: float) -> int:
        """Takes the next frame, as arrays.

        Args:
            ids: (n,) the ids of the people.
            xy: (n, 17, 2) pixels, NaN where a point is missing.
            time: the time of the frame in seconds.

        Returns:
            How many repetitions have been counted so far, of all people together.

        Raises:
            PosekitError: the time is not a number, or not later than the last one.
        """
        time = number(time, "the time of the frame in seconds")
        if not time > self.time:
            raise PosekitError(f"frames must come in order: {time:g} s comes after {self.time:g} s; call reset() for another clip")
        self.time = time
        self._forget_frame()
        self._people = {key: person for key, person in self._people.items() if time - person.time <= MEMORY}
        for rank, (person, points) in enumerate(zip(ids.tolist(), xy, strict=True)):
            state = self._people.setdefault(person, Person(person, self.exercise))
            for ended, complete in state.update(points, time):
                self._take(ended, complete)
            self._frames += 1
            self._seen.update(set(self.exercise.joints) - set(state.unseen))
            if rank == 0:
                self.depth, self.phase, self.unseen = state.depth, state.phase, state.unseen
        return len(self.repetitions)

    def count(self, tracks: pandas.DataFrame) -> int:
        """Takes all frames of a clip: the table of tracks, as `annotate_video` returns it.

        Returns:
            How many repetitions have been counted so far, of all people together.

        Raises:
            PosekitError: `tracks` is not a table of tracks.
        """
        poses = read_tracks(tracks)
        xy = poses.above(self.threshold)
        for rows in np.split(np.arange(len(poses)), np.flatnonzero(np.diff(poses.frame)) + 1):
            if len(rows):
                self.update(poses.id[rows], xy[rows], float(poses.time[rows[0]]))
        return len(self.repetitions)

    def missing(self) -> tuple[str, ...]:
        """The joints that the exercise needs and that were seen in less than half of the frames; one of a pair is enough."""
        rare = MIN_SEEN * self._frames
        return tuple(joint for joint in self.exercise.joints if self._seen[joint] < rare)

    def to_pandas(self, *, partial: bool = False) -> pandas.DataFrame:
        """The repetitions so far as a table like that of `posekit.repetitions`."""
        pd = require("pandas", extra="motion")
        types = {name: np.dtype(kind) for name, kind in _TYPES.items()}
        rows = [asdict(each) for each in (self.partial if partial else self.repetitions)]
        table: pandas.DataFrame = pd.DataFrame(rows, columns=list(types)).astype(types)
        return table

    def _take(self, ended: Repetition, complete: bool) -> None:
        """Adds a repetition, unless it is that of the other arm or leg in one that was already counted."""
        known = self.repetitions if complete else self.partial
        mine = [each for each in known if each.id == ended.id]
        for other in reversed(mine[-2:]):
            if self.exercise.by_side and {other.side, ended.side} == {"left", "right"} and _together(other, ended):
                other.side = "both"
                other.start, other.end = min(other.start, ended.start), max(other.end, ended.end)
                other.depth = max(other.depth, ended.depth)
                return
        ended.number = len(mine) + 1
        known.append(ended)

    def __repr__(self) -> str:
        return f"RepetitionCounter({self.exercise.name}: {len(self.repetitions)}, and {len(self.partial)} half)"


_TYPES = {"id": "int64", "number": "int64", "side": "O", "start": "f8", "extreme": "f8", "end": "f8", "depth": "f8"}


def _together(a: Repetition, b: Repetition) -> bool:
    shared = min(a.end, b.end) - max(a.start, b.start)
    return shared > MIN_TOGETHER * min(a.end - a.start, b.end - b.start)


def repetitions(
    tracks: pandas.DataFrame, exercise: str | Exercise, *, threshold: float = THRESHOLD, partial: bool = False
) -> pandas.DataFrame:
    """Finds the repetitions of an exercise in a clip.

    Args:
        tracks: the table of tracks, as `annotate_video` returns it.
        exercise: a name of `EXERCISES`, or an `Exercise`.
        threshold: keypoints with a lower score are not used.
        partial: return instead those that were begun but were not deep enough to count.

    Returns:
        A row for each repetition, in the order in which they ended: id, number (of that person), side (left, right, both), start,
        extreme, end (seconds), depth (1 is a full one). `len()` is the count. Where joints that the exercise needs are hardly ever
        seen, a warning names them.

    Raises:
        PosekitError: `tracks` is not a table of tracks, there is no exercise of that name, or the threshold is not from 0 to 1.
    """
    counter = RepetitionCounter(exercise, threshold=threshold)
    counter.count(tracks)
    if missing := counter.missing():
        warnings.warn(
            f"a {counter.exercise.name} needs {', '.join(counter.exercise.joints)}; "
            f"hardly ever in sight: {', '.join(missing)} (score under {threshold:g} in most frames)",
            stacklevel=2,
        )
    return counter.to_pandas(partial=partial)
