"""Frames → poses with ids: the smart crop, smoothing and tracking, for clips and for a live picture."""

from posekit.track.crop import next_region, smart_crop
from posekit.track.live import LiveTracker
from posekit.track.one_euro import OneEuro
from posekit.track.tracker import Tracker

__all__ = ["LiveTracker", "OneEuro", "Tracker", "next_region", "smart_crop"]
