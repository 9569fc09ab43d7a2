"""Where a live picture comes from, on the kernel's side: the streams of ipywebrtc."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ipywebrtc import MediaStream, VideoStream

from posekit.errors import PosekitError

_CAMERA = "a camera is ipywebrtc.CameraStream.facing_user(audio=False)"


def as_stream(source: Any) -> MediaStream:
    """A stream of ipywebrtc: the one that is given, or one that plays a clip, given by its path or its http(s) address.

    Raises:
        PosekitError: it is neither; the message says how to make one.
    """
    if isinstance(source, MediaStream):
        return source
    if isinstance(source, str) and source.startswith(("http://", "https://")):
        return VideoStream.from_url(source)
    if not isinstance(source, (str, os.PathLike)):
        raise PosekitError(f"expected a stream of ipywebrtc or the path of a clip, got {type(source).__name__}; {_CAMERA}")
    if not Path(source).is_file():
        raise PosekitError(f"there is no clip {os.fspath(source)!r} (looked in {Path.cwd()}); {_CAMERA}")
    return VideoStream.from_file(os.fspath(source))


def faces_user(stream: MediaStream) -> bool:
    """Whether it is a camera that was asked to face the user."""
    video = getattr(stream, "constraints", {}).get("video")
    return isinstance(video, dict) and video.get("facingMode") == "user"
