"""Widgets for notebooks: LivePose, PostureRecorder, UploadPose and PoseViewer. Each is a .py, a .js and a .css, sent as text."""

from posekit.errors import require

require("anywidget", extra="notebooks")  # before the imports, which would fail without mentioning the extra

from posekit.widgets.live_pose import LivePose  # noqa: E402
from posekit.widgets.pose_viewer import PoseViewer  # noqa: E402
from posekit.widgets.posture_recorder import PostureRecorder  # noqa: E402
from posekit.widgets.upload_pose import UploadPose  # noqa: E402

__all__ = ["LivePose", "PoseViewer", "PostureRecorder", "UploadPose"]
