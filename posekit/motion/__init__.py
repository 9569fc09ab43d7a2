"""Poses → answers: joint angles, repetitions of an exercise, postures."""

from posekit.motion.angles import angles, angular_velocity, symmetry
from posekit.motion.body import Body
from posekit.motion.exercises import EXERCISES, Exercise
from posekit.motion.phases import Repetition
from posekit.motion.repetitions import RepetitionCounter, repetitions

__all__ = [
    "EXERCISES",
    "Body",
    "Exercise",
    "Repetition",
    "RepetitionCounter",
    "angles",
    "angular_velocity",
    "repetitions",
    "symmetry",
]
