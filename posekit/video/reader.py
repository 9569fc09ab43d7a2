"""Reads frames: from any clip that FFmpeg reads, a folder of pictures, or an animated WebP."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from posekit.drawing import encode_jpeg, shrink
from posekit.errors import ImageError, VideoError
from posekit.folders import pictures_in
from posekit.image import RGB
from posekit.video.ffmpeg import FFmpegSource
from posekit.video.pictures import PictureSource, WebPSource, is_pattern, of_pattern
from posekit.video.source import Source

#: A clip of up to this size, in bytes, plays in a notebook; of a larger one only a picture is shown.
MAX_SHOWN = 6_000_000


def read_video(source: str | Path) -> Video:
    """Opens a clip.

    Args:
        source: a video file that FFmpeg reads, a GIF, an animated WebP, a folder of pictures (25 per second), or a pattern such as
            `frames/%04d.png`.

    Returns:
        The clip: iterate over it for the frames, (H, W, 3) uint8 RGB, turned upright as the clip says.

    Raises:
        VideoError: it is missing, is not a clip, has no frames, or needs a codec that is not available.
        MissingExtraError: `posekit[video]` is not installed.
    """
    return Video(source)


class Video:
    """A clip; iterating gives its frames, as often as you like.

    Damaged frames are left out, and all frames have the size of the first one. Times start at 0 and always increase.

    Attributes:
        path: where it is.
        fps: frames per second, on average.
        size: (width, height), upright, in pixels.
        pixel_aspect: a pixel's width divided by its height, by which a player stretches the picture; 1 for nearly all clips.
        has_sound: whether there is sound.
    """

    def __init__(self, source: str | Path) -> None:
        if not str(source):  # as a path it would be the current folder
            raise VideoError("expected the name of a clip, got an empty one")
        if re.match(r"[a-z][a-z0-9+.-]+://", str(source), re.IGNORECASE):
            raise VideoError(f"expected a file, a folder or a pattern, got the address {source}; download the clip first")
        self.path = Path(source)
        self._source = _source(self.path)
        self._first = next(iter(self), None)
        if self._first is None:
            why = f" that can be read: {self.notes[0]}, or it is encrypted" if self.notes else ""
            raise VideoError(f"{self.path} has no frames{why}")
        self.size = self._first.shape[1], self._first.shape[0]
        self.fps, self.has_sound = self._source.fps, self._source.has_sound
        self.pixel_aspect = self._source.pixel_aspect

    @property
    def notes(self) -> list[str]:
        """Sentences about what was unusual in the part that was read: damage, gaps in time, changes of size."""
        return self._source.notes

    @property
    def offsets(self) -> Sequence[float]:
        """What was added to the file's times, in seconds, for each stretch that was read; a new stretch begins at each jump."""
        return self._source.offsets

    def __iter__(self) -> Iterator[RGB]:
        return (frame for _, frame in self.timed())

    def __len__(self) -> int:
        """How many frames there are: as the file says, or else counted once, without decoding."""
        return self._source.count()

    def timed(self, start: float = 0.0) -> Iterator[tuple[float, RGB]]:
        """Iterates over (time in seconds from the start, frame).

        Args:
            start: the time of the first frame wanted, in seconds.

        Raises:
            VideoError: the file breaks off; the frames before the break have been yielded.
        """
        return self._source.timed_from(start)

    @property
    def seeks(self) -> bool:
        """Whether `timed` can start anywhere without decoding all earlier frames."""
        return self._source.seeks

    def __repr__(self) -> str:
        return f"Video({self.path.name}, {self.size[0]}×{self.size[1]}, {len(self)} frames, {self.fps:g} a second)"

    def _repr_html_(self) -> str:
        label = escape(f"{self.path.name}: a clip of {len(self) / self.fps:.1f} seconds, {self.size[0]}×{self.size[1]} pixels")
        style = f'style="max-width:100%;width:{min(self.size[0], 640)}px;height:auto"'
        assert self._first is not None
        poster = _data("image/jpeg", encode_jpeg(shrink(self._first, 640)))
        kind = {"gif": "image/gif", "h264": "video/mp4"}.get(self._source.codec)
        if kind is None or not self.path.is_file() or self.path.stat().st_size > MAX_SHOWN:
            return f'<figure><img alt="{label}" src="{poster}" {style}><figcaption>The first frame of {label}</figcaption></figure>'
        data = _data(kind, self.path.read_bytes())
        if kind == "image/gif":
            return f'<img alt="{label}" src="{data}" {style}>'
        return f'<video controls loop muted playsinline aria-label="{label}" poster="{poster}" src="{data}" {style}></video>'


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _source(path: Path) -> Source:
    try:
        if path.is_dir():
            return PictureSource(pictures_in(path))
        if is_pattern(path) and not path.exists():
            return PictureSource(of_pattern(path))
        if not path.exists():
            raise VideoError(f"there is no file {path} (looked in {Path.cwd()})")
        if not path.is_file():
            raise VideoError(f"{path} is not an ordinary file")
        with path.open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise VideoError(f"cannot read {path}: {error.strerror or error}") from error
    except ImageError as error:  # a folder without pictures
        raise VideoError(str(error)) from error
    if not head:
        raise VideoError(f"{path} is empty (0 bytes)")
    return WebPSource(path) if head[:4] == b"RIFF" and head[8:] == b"WEBP" else FFmpegSource(path)
