"""Writes clips, MP4 and GIF, whole or not at all, with the sound of another clip."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np

from posekit.atomic import reserved, sweep
from posekit.errors import VideoError, require
from posekit.image import RGB, check_rgb
from posekit.video.reader import Video
from posekit.video.sound import add_sound

#: Times are counted in 1/90000 s in MP4, as in MPEG: a frame of any usual rate takes a whole number of these. GIF counts 1/100 s.
_CLOCKS = {".mp4": Fraction(1, 90000), ".gif": Fraction(1, 100)}

#: The colours that OpenCV writes: "mpeg" range, 16…235, and the matrix of BT.601 (6 in ITU-T H.273). Players guess another for HD.
_COLORS = 1, 6

#: The shortest time for which a frame of a GIF is shown, in 1/100 s: browsers turn anything less into a tenth of a second.
_GIF_STEP = 2


class VideoWriter:
    """Writes frames to an MP4 (H.264, plays in a browser) or a GIF.

    Use it in a `with` block. It writes beside the target and renames at the end, so that there is a complete clip or none: an error
    in the block discards what was written. Ctrl-C does not: the frames written up to that point are kept and play.

    Args:
        target: a file that ends in .mp4 or .gif. An existing file is replaced at the end.
        fps: frames per second, as a hint for players; each frame has its own time. A GIF shows at most 50 per second; frames that
            come faster are left out.
        sound: a clip whose sound is added (to an MP4 only): a path, or a `Video` that was read, with its jumps in time.
        pixel_aspect: a pixel's width divided by its height, for players.

    Attributes:
        frames: how many frames were written.
        seconds: how many seconds were written.
        notes: after the block, sentences about sound that could not be kept. The picture is kept nevertheless.

    Raises:
        VideoError: the ending is unknown, the folder is missing or cannot be written to, or the disk is full.
    """

    def __init__(
        self, target: str | Path, fps: float = 30, *, sound: str | Path | Video | None = None, pixel_aspect: float | Fraction = 1
    ) -> None:
        self.target = Path(target)
        self._kind = self.target.suffix.lower()
        if self._kind not in _CLOCKS:
            raise VideoError(f"cannot write {self.target.name}: its name must end in .mp4 or .gif")
        self._place = Path(os.path.realpath(self.target))  # where a link leads
        if not self._place.parent.is_dir():
            raise VideoError(f"there is no folder {self.target.parent} to write {self.target.name} into")
        if self._place.is_dir():
            raise VideoError(f"cannot write {self.target}: it is a folder")
        with self._explained(), reserved(self._place):  # checked before any work is done
            pass
        self._rate = Fraction(fps).limit_denominator(1001)
        self._sound = sound if self._kind == ".mp4" else None
        self._aspect = Fraction(pixel_aspect).limit_denominator(4096)
        self._output: Any = None
        self._graph: Any = None
        self._last = -1
        self._files = ExitStack()
        self.frames, self.seconds = 0, 0.0
        self.notes: list[str] = []

    def __enter__(self) -> VideoWriter:
        sweep(self._place.parent)
        with self._explained():
            self._part = self._files.enter_context(reserved(self._place))
        return self

    def write(self, frame: RGB, time: float) -> None:
        """Adds a frame, (H, W, 3) uint8 RGB, shown from `time` on, in seconds from the start.

        Raises:
            ImageError: the frame is not such an array.
            VideoError: its size differs from the first one's, or the disk is full.
        """
        check_rgb(frame)
        if self._kind == ".mp4":
            frame = _even(frame)
        with self._explained():
            if self._output is None:
                self._start(frame)
            if frame.shape != self._shape:
                raise VideoError(f"frame {self.frames} differs in size from the first one: {frame.shape} after {self._shape}")
            tick = round(time / _CLOCKS[self._kind])
            if self._kind == ".mp4":
                tick = max(tick, self._last + 1)
            if self._last < 0 or tick >= self._last + (_GIF_STEP if self._kind == ".gif" else 1):
                self._put(frame, tick)
        self.frames, self.seconds = self.frames + 1, time + float(1 / self._rate)

    def _put(self, frame: RGB, tick: int) -> None:
        picture = self._picture(frame)
        picture.time_base, picture.pts = _CLOCKS[self._kind], tick
        self._encode(picture)
        self._last = tick

    def _start(self, frame: RGB) -> None:
        av = require("av", extra="video")
        self._shape = frame.shape
        size = {"width": frame.shape[1], "height": frame.shape[0]}
        if self._kind == ".gif":
            self._output = av.open(f"file:{self._part}", "w", format="gif", options={"loop": "0"})
            self._stream = self._output.add_stream("gif", rate=self._rate, pix_fmt="pal8", **size)
            self._graph = _own_palettes(size)
        else:
            self._output = av.open(f"file:{self._part}", "w", format="mp4", options={"movflags": "+faststart"})
            # As sharp as veryfast at crf 20 (45 dB on the sample clips), and the model need not wait; the file is 1.6 times as big.
            options = {"preset": "superfast", "crf": "23"}
            self._stream = self._output.add_stream("libx264", rate=self._rate, pix_fmt="yuv420p", options=options, **size)
            self._stream.codec_context.color_range, self._stream.codec_context.colorspace = _COLORS
        self._stream.codec_context.time_base = _CLOCKS[self._kind]
        self._stream.codec_context.sample_aspect_ratio = self._aspect

    def _picture(self, frame: RGB) -> Any:
        av = require("av", extra="video")
        if self._kind == ".gif":
            return av.VideoFrame.from_ndarray(frame, format="rgb24")
        # OpenCV converts the colours five times as fast as FFmpeg does.
        return av.VideoFrame.from_ndarray(cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420), format="yuv420p")

    def _encode(self, picture: Any) -> None:
        if self._graph is None:
            self._output.mux(self._stream.encode(picture))
            return
        av = require("av", extra="video")
        self._graph.push(picture)
        while True:
            try:
                colored = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                break
            self._output.mux(self._stream.encode(colored))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        keep = self._output is not None and (kind is None or issubclass(kind, KeyboardInterrupt))
        with self._files:
            try:
                if keep:
                    with self._explained():
                        self._finish()
            finally:
                if self._output is not None:
                    with suppress(OSError, require("av", extra="video").error.FFmpegError):  # a discarded clip need not be complete
                        self._output.close()

    def _finish(self) -> None:
        if self._graph is not None:
            self._encode(None)
        self._output.mux(self._stream.encode(None))
        self._output.close()
        (self._part if self._sound is None else self._with_sound(self._sound)).replace(self._place)

    def _with_sound(self, sound: str | Path | Video) -> Path:
        """The part with the sound added, or the silent one if that fails."""
        path, offsets = (sound.path, sound.offsets) if isinstance(sound, Video) else (Path(sound), None)
        try:
            part = self._files.enter_context(reserved(self._place))
            self.notes += add_sound(self._part, path, part, self.seconds, offsets)
        except Exception as error:  # whatever is wrong with the sound, the picture is kept
            self.notes.append(f"the clip is silent, since its sound could not be kept: {error}")
            return self._part
        return part

    @contextmanager
    def _explained(self) -> Iterator[None]:
        av = require("av", extra="video")
        try:
            yield
        except (av.error.FFmpegError, OSError) as error:
            raise VideoError(f"cannot write {self.target}: {error.strerror or error}") from error


def _even(frame: RGB) -> RGB:
    """The frame without a last odd row or column, since yuv420p has one colour per 2×2 pixels; a single one is doubled."""
    height, width = (max(2, side // 2 * 2) for side in frame.shape[:2])
    if 1 in frame.shape[:2]:
        return np.asarray(cv2.resize(frame, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
    return frame[:height, :width]


def _own_palettes(size: dict[str, int]) -> Any:
    """A filter that gives each frame its own 256 colours; one palette for all would need all frames in memory."""
    av = require("av", extra="video")
    graph = av.filter.Graph()
    source = graph.add_buffer(format=av.VideoFormat("rgb24"), time_base=_CLOCKS[".gif"], **size)
    split, palette, use = graph.add("split"), graph.add("palettegen", "stats_mode=single"), graph.add("paletteuse", "new=1")
    source.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(palette, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(graph.add("buffersink"))
    graph.configure()
    return graph
