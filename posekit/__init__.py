"""Human pose estimation with MoveNet: find the 17 keypoints of a body in a picture, draw them, explore them in notebooks."""

from importlib.metadata import version as _version

from posekit.draw import draw
from posekit.errors import DownloadError, ImageError, MissingExtraError, PosekitError, UnknownModelError
from posekit.image import Region, read_image
from posekit.movenet import MoveNet, load_model
from posekit.plot import plot
from posekit.poses import Keypoint, Pose, Poses
from posekit.samples import sample, truth
from posekit.show import show

__version__ = _version("posekit")

__all__ = [
    "DownloadError",
    "ImageError",
    "Keypoint",
    "MissingExtraError",
    "MoveNet",
    "Pose",
    "PosekitError",
    "Poses",
    "Region",
    "UnknownModelError",
    "__version__",
    "draw",
    "load_model",
    "plot",
    "read_image",
    "sample",
    "show",
    "truth",
]
