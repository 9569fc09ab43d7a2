"""Reads and writes clips, and follows the people in them."""

from posekit.video.annotate import annotate_video, track_part, track_video
from posekit.video.reader import Video, read_video
from posekit.video.writer import VideoWriter

__all__ = ["Video", "VideoWriter", "annotate_video", "read_video", "track_part", "track_video"]
