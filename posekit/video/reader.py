"""Frames in, frames out: any clip that FFmpeg reads, through PyAV; MP4 and GIF written."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from posekit.drawing import encode_jpeg, shrink
from posekit.errors import VideoError, require
from posekit.image import RGB

if TYPE_CHECKING:
    pass

T = TypeVar("T")

#: Frames that wait between two stages, so that none waits for another for long.
_AHEAD = 4

#: Frames that are put into a table at a time.
_CHUNK = 500

#: Formats that are lists of other files and addresses: a clip from a stranger could read what it should not.
_PLAYLISTS = {"hls", "concat", "dash", "concatf"}

_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}

#: A clip up to this size shows itself in a notebook, in bytes; of a larger one only a picture is shown.
MAX_SHOWN = 6_000_000


def read_video(source: str | Path) -> Video:
    """Opens a clip.

    Args:
        source: a video file that FFmpeg reads, a GIF, a folder of pictures, or a pattern such as `frames/%04d.png`.

    Returns:
        The clip: iterate over it for the frames, (H, W, 3) uint8 RGB, upright by the clip's rotation mark.

    Raises:
        VideoError: it is missing, no clip, has no frames, or is in a codec that is not there.
    """
    return Video(source)


class Video:
    """A clip; iterating gives its frames, as often as you like.

    Attributes:
        path: where it is.
        fps: frames a second, on average.
        size: (width, height), upright.
    """

    def __init__(self, source: str | Path) -> None:
        self.path = Path(source)
        with self._opened() as (_, stream):
            self.fps = float(stream.average_rate or stream.guessed_rate or 25)
            self._declared = int(stream.frames)
            self._codec = str(stream.codec_context.name)
        self._first = next(iter(self), None)
        if self._first is None:
            raise VideoError(f"{self.path} has no frames")
        self.size = self._first.shape[1], self._first.shape[0]

    def __iter__(self) -> Iterator[RGB]:
        return (frame for _, frame in self.timed())

    def __len__(self) -> int:
        """How many frames there are: as the file says, else counted once, without decoding."""
        if not self._declared:
            with self._opened() as (container, stream):
                self._declared = sum(1 for packet in container.demux(stream) if packet.size)
        return self._declared

    def timed(self) -> Iterator[tuple[float, RGB]]:
        """Iterates over (time in seconds, frame).

        Raises:
            VideoError: the file breaks off in the middle.
        """
        av = require("av", extra="video")
        count, time = 0, -1.0
        with self._opened() as (container, stream):
            stream.thread_type = "AUTO"
            try:
                for count, frame in enumerate(container.decode(stream), 1):
                    # Some formats have no times, and broken ones stand still.
                    time = frame.time if frame.time is not None and frame.time > time else time + 1 / self.fps if count > 1 else 0.0
                    yield time, _upright(frame.to_ndarray(format="rgb24"), frame.rotation)
            except av.error.FFmpegError as error:
                raise VideoError(f"{self.path} is damaged after {count} frames: {error.strerror}") from error
        if count < 0.95 * self._declared - 1:
            raise VideoError(f"{self.path} breaks off: it has {count} of the {self._declared} frames that it should have")

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Any]]:
        av = require("av", extra="video")
        source, options = _source(self.path)
        try:
            container = av.open(source, options={"protocol_whitelist": "file,crypto,data", **options})
        except (av.error.FFmpegError, ValueError) as error:
            raise VideoError(f"{self.path} is not a clip that can be read: {getattr(error, 'strerror', error)}") from error
        with container:
            if set(container.format.name.split(",")) & _PLAYLISTS:
                raise VideoError(f"{self.path} is a list of other files ({container.format.name}); give the clip itself")
            if not container.streams.video:
                raise VideoError(f"{self.path} has no picture in it, only {_other_streams(container)}")
            stream = container.streams.video[0]
            if stream.codec_context is None:
                raise VideoError(f"{self.path} is in a codec that this FFmpeg lacks; convert it to H.264 first")
            yield container, stream

    def __repr__(self) -> str:
        return f"Video({self.path.name}, {self.size[0]}×{self.size[1]}, {len(self)} frames, {self.fps:g} a second)"

    def _repr_html_(self) -> str:
        label = escape(f"{self.path.name}: a clip of {len(self) / self.fps:.1f} seconds, {self.size[0]}×{self.size[1]} pixels")
        style = f'style="max-width:100%;width:{min(self.size[0], 640)}px;height:auto"'
        assert self._first is not None
        poster = _data("image/jpeg", encode_jpeg(shrink(self._first, 640)))
        kind = {"gif": "image/gif", "h264": "video/mp4"}.get(self._codec)
        if kind is None or not self.path.is_file() or self.path.stat().st_size > MAX_SHOWN:
            return f'<figure><img alt="{label}" src="{poster}" {style}><figcaption>The first frame of {label}</figcaption></figure>'
        data = _data(kind, self.path.read_bytes())
        if kind == "image/gif":
            return f'<img alt="{label}" src="{data}" {style}>'
        return f'<video controls loop muted playsinline aria-label="{label}" poster="{poster}" src="{data}" {style}></video>'


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _source(path: Path) -> tuple[str, dict[str, str]]:
    """What FFmpeg is told to open, and how."""
    if path.is_dir():
        pictures = sorted(
            file for file in path.iterdir() if file.suffix.lower() in {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}
        )
        if not pictures:
            raise VideoError(f"{path} is a folder without pictures")
        return f"{path}/*{pictures[0].suffix}", {"pattern_type": "glob"}
    if re.search(r"%0?\d*d", path.name):
        if not path.parent.is_dir():
            raise VideoError(f"there is no folder {path.parent}")
        return str(path), {}
    if not path.exists():
        raise VideoError(f"there is no file {path} (looked in {Path.cwd()})")
    if path.stat().st_size == 0:
        raise VideoError(f"{path} is empty (0 bytes)")
    return f"file:{path}", {}


def _other_streams(container: Any) -> str:
    return ", ".join(sorted({stream.type for stream in container.streams})) or "nothing that can be read"


def _upright(frame: RGB, degrees: int) -> RGB:
    """Turns a frame by its mark: degrees against the clock, as FFmpeg's display matrix has them."""
    return np.ascontiguousarray(np.rot90(frame, round(degrees / 90) % 4)) if degrees else frame
