"""A picture → poses: MoveNet, the second look, and `Crowd`, which combines two models."""

from posekit.estimate.crowd import Crowd
from posekit.estimate.inside import Heads, centre_weights, heads, multiplications
from posekit.estimate.load import NAMES, load_model
from posekit.estimate.movenet import MoveNet
from posekit.estimate.protocol import PoseModel
from posekit.estimate.refine import agreement, refine, refine_region

__all__ = [
    "NAMES",
    "Crowd",
    "Heads",
    "MoveNet",
    "PoseModel",
    "agreement",
    "centre_weights",
    "heads",
    "load_model",
    "multiplications",
    "refine",
    "refine_region",
]
