"""Poses → answers: joint angles, repetitions of an exercise, postures."""

from posekit.motion.angles import angles, angular_velocity, symmetry
from posekit.motion.body import Body
from posekit.motion.examples import pose_of, read_postures
from posekit.motion.exercises import EXERCISES, Exercise
from posekit.motion.features import pose_features
from posekit.motion.live import LiveMovement, counting_constants
from posekit.motion.phases import Repetition
from posekit.motion.plots import plot_angle, plot_strip, plot_trajectory
from posekit.motion.postures import PostureClassifier
from posekit.motion.repetitions import RepetitionCounter, repetitions

__all__ = [
    "EXERCISES",
    "Body",
    "Exercise",
    "LiveMovement",
    "PostureClassifier",
    "Repetition",
    "RepetitionCounter",
    "angles",
    "angular_velocity",
    "counting_constants",
    "plot_angle",
    "plot_strip",
    "plot_trajectory",
    "pose_features",
    "pose_of",
    "read_postures",
    "repetitions",
    "symmetry",
]
