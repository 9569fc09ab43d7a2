"""The sources of live pictures on the kernel's side: the streams of ipywebrtc."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ipywebrtc import MediaStream, VideoStream
from ipywidgets import Widget

from posekit.errors import PosekitError
from posekit.frontend.shared import PIECE

_CAMERA = "a camera is ipywebrtc.CameraStream.facing_user(audio=False)"


def as_stream(source: Any) -> MediaStream:
    """Returns a stream of ipywebrtc: the given one, or one that plays a clip, given as a path or an http(s) address.

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


def send_clip(channel: Widget, stream: MediaStream, client: str) -> None:
    """Sends the clip that a stream plays to a host that dropped its bytes when creating the stream, as Colab does.

    It goes in pieces that fit into a message; if there is no clip, one empty piece is sent. Of a clip on the web only the address
    is known, so the browser must play it by itself.
    """
    video = getattr(stream, "video", None)
    content = bytes(video.value) if video is not None and video.format != "url" else b""
    pieces = [content[i : i + PIECE] for i in range(0, max(len(content), 1), PIECE)]
    for left, piece in zip(reversed(range(len(pieces))), pieces, strict=True):
        channel.send({"kind": "clip", "client": client, "left": left}, buffers=[piece])


def faces_user(stream: MediaStream) -> bool:
    """Whether the stream is a camera that was requested to face the user."""
    video = getattr(stream, "constraints", {}).get("video")
    return isinstance(video, dict) and video.get("facingMode") == "user"
