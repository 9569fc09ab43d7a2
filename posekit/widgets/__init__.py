"""Widgets for notebooks: LivePose, UploadPose, PoseViewer. Each is a .py, a .js and a .css; the browser gets them as text."""

from posekit.errors import needs

needs("anywidget", extra="notebooks")

from posekit.widgets.live import LivePose  # noqa: E402
from posekit.widgets.upload import UploadPose  # noqa: E402
from posekit.widgets.viewer import PoseViewer  # noqa: E402

__all__ = ["LivePose", "PoseViewer", "UploadPose"]
