"""Human pose estimation with MoveNet: find the 17 keypoints of a body in a picture, draw them, explore them in notebooks."""

from importlib.metadata import version as _version
from typing import Any as _Any

from posekit.drawing import draw, plot, show
from posekit.errors import DownloadError, ImageError, MissingExtraError, PosekitError, UnknownModelError, VideoError
from posekit.estimate import Crowd, MoveNet, PoseModel, load_model
from posekit.evaluation import Comparison, Evaluation, compare, evaluate
from posekit.image import Region, read_image
from posekit.motion import (
    EXERCISES,
    Body,
    Exercise,
    PostureClassifier,
    Repetition,
    RepetitionCounter,
    angles,
    angular_velocity,
    plot_angle,
    plot_strip,
    plot_trajectory,
    pose_features,
    read_postures,
    repetitions,
    symmetry,
)
from posekit.parallel import batch
from posekit.pose import Keypoint, Pose, Poses, save_tracks
from posekit.samples import ground_truth, sample
from posekit.track import Tracker
from posekit.video import Video, annotate_video, read_video, track_video

__version__ = _version("posekit")

#: These need the extra `notebooks`, so they are imported only on first use.
_WIDGETS = ("LivePose", "PoseViewer", "PostureRecorder", "UploadPose")


def __getattr__(name: str) -> _Any:
    if name not in _WIDGETS:
        raise AttributeError(f"module 'posekit' has no attribute {name!r}")
    from posekit import widgets

    return getattr(widgets, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_WIDGETS])


__all__ = [
    "EXERCISES",
    "Body",
    "Comparison",
    "Crowd",
    "DownloadError",
    "Evaluation",
    "Exercise",
    "ImageError",
    "Keypoint",
    "MissingExtraError",
    "MoveNet",
    "Pose",
    "PoseModel",
    "PosekitError",
    "Poses",
    "PostureClassifier",
    "Region",
    "Repetition",
    "RepetitionCounter",
    "Tracker",
    "UnknownModelError",
    "Video",
    "VideoError",
    "__version__",
    "angles",
    "angular_velocity",
    "annotate_video",
    "batch",
    "compare",
    "draw",
    "evaluate",
    "ground_truth",
    "load_model",
    "plot",
    "plot_angle",
    "plot_strip",
    "plot_trajectory",
    "pose_features",
    "read_image",
    "read_postures",
    "read_video",
    "repetitions",
    "sample",
    "save_tracks",
    "show",
    "symmetry",
    "track_video",
]
