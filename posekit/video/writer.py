"""Writing clips: MP4 and GIF, whole or not at all, with the sound of another clip."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2

from posekit.errors import VideoError, require
from posekit.image import RGB, check_rgb

#: Times in MP4 are counted in 1/90000 s, as in MPEG: every usual frame rate is a whole number of them. In GIF they are 1/100 s.
_CLOCKS = {".mp4": Fraction(1, 90000), ".gif": Fraction(1, 100)}

#: What OpenCV's colours are: "mpeg" range, 16…235, and the matrix of BT.601 (ITU-T H.273: 6). Players guess another one for HD.
_COLORS = 1, 6

#: Sound that may stand in an MP4 as it is; other sound is encoded anew.
_MP4_SOUND = {"aac", "mp3", "ac3", "eac3", "opus", "alac", "flac"}


class VideoWriter:
    """Writes frames to an MP4 (H.264, plays in a browser) or a GIF.

    Use it in a `with` block. It writes beside its place and renames at the end, so that there is a whole clip or none: an error in
    the block throws away what was written. Ctrl-C does not: what was written until then is kept and plays.

    Args:
        target: ends in .mp4 or .gif.
        fps: frames a second, as a hint for players; each frame has its own time.
        sound: a clip whose sound is taken over (into an MP4 only).

    Raises:
        VideoError: the ending is unknown, the folder is missing, or the disk is full.
    """

    def __init__(self, target: str | Path, fps: float = 30, *, sound: str | Path | None = None) -> None:
        self.target = Path(target)
        self._kind = self.target.suffix.lower()
        if self._kind not in _CLOCKS:
            raise VideoError(f"cannot write {self.target.name}: its name must end in .mp4 or .gif")
        if not self.target.parent.is_dir():
            raise VideoError(f"there is no folder {self.target.parent} to write {self.target.name} into")
        self._part = self.target.with_name(f".{self.target.stem}.part{self._kind}")
        self._rate = Fraction(fps).limit_denominator(1001)
        self._sound = Path(sound) if sound and self._kind == ".mp4" else None
        self._output: Any = None
        self._graph: Any = None
        self.frames, self.seconds = 0, 0.0

    def __enter__(self) -> VideoWriter:
        return self

    def write(self, frame: RGB, time: float) -> None:
        """Adds a frame, (H, W, 3) uint8 RGB, shown from `time` on, in seconds from the start.

        Raises:
            ImageError: the frame is no such array.
            VideoError: it has another size than the first one, or the disk is full.
        """
        check_rgb(frame)
        if self._kind == ".mp4":
            frame = frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2]  # yuv420p has a colour for each 2×2 pixels
        with self._explained():
            if self._output is None:
                self._start(frame)
            if frame.shape != self._shape:
                raise VideoError(f"frame {self.frames} has another size than the first one: {frame.shape} after {self._shape}")
            picture = self._picture(frame)
            picture.time_base = _CLOCKS[self._kind]
            picture.pts = round(time / picture.time_base)
            self._encode(picture)
        self.frames, self.seconds = self.frames + 1, time + float(1 / self._rate)

    def _start(self, frame: RGB) -> None:
        av = require("av", extra="video")
        self._shape = frame.shape
        size = {"width": frame.shape[1], "height": frame.shape[0]}
        if self._kind == ".gif":
            self._output = av.open(str(self._part), "w", format="gif", options={"loop": "0"})
            self._stream = self._output.add_stream("gif", rate=self._rate, pix_fmt="pal8", **size)
            self._graph = _own_palettes(size)
        else:
            self._output = av.open(str(self._part), "w", format="mp4", options={"movflags": "+faststart"})
            # As sharp as veryfast at crf 20 (45 dB on the sample clips), and the model need not wait; the file is 1.6 times as big.
            options = {"preset": "superfast", "crf": "23"}
            self._stream = self._output.add_stream("libx264", rate=self._rate, pix_fmt="yuv420p", options=options, **size)
            self._stream.codec_context.color_range, self._stream.codec_context.colorspace = _COLORS
        self._stream.codec_context.time_base = _CLOCKS[self._kind]

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
        try:
            if keep:
                with self._explained():
                    self._finish()
                    self._part.replace(self.target)
        finally:
            if self._output is not None:
                with suppress(
                    OSError, require("av", extra="video").error.FFmpegError
                ):  # what is thrown away need not be written well
                    self._output.close()
            for left in (self._part, self._silent):
                left.unlink(missing_ok=True)

    @property
    def _silent(self) -> Path:
        return self._part.with_name(f"{self._part.stem}.silent{self._kind}")

    def _finish(self) -> None:
        if self._graph is not None:
            self._encode(None)
        self._output.mux(self._stream.encode(None))
        self._output.close()
        if self._sound is not None:
            self._part.replace(self._silent)
            add_sound(self._silent, self._sound, self._part, self.seconds)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        av = require("av", extra="video")
        try:
            yield
        except (av.error.FFmpegError, OSError) as error:
            raise VideoError(f"cannot write {self.target}: {error.strerror or error}") from error


def _own_palettes(size: dict[str, int]) -> Any:
    """A filter that gives each frame its own 256 colours; one palette for all would hold all frames in memory."""
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


def add_sound(picture: Path, sound: Path, target: Path, seconds: float) -> None:
    """Puts the picture of one MP4, as it is, and the sound of another clip, up to `seconds`, into a third file.

    Where the other clip has no sound, the file is simply moved.
    """
    av = require("av", extra="video")
    with av.open(str(picture)) as left, av.open(str(sound)) as right:
        if not right.streams.audio:
            picture.replace(target)
            return
        with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as output:
            video = output.add_stream_from_template(left.streams.video[0])
            voice = right.streams.audio[0]
            audio = _audio_stream(output, voice)
            packets = _voice_packets(right, voice, audio, seconds)
            waiting = next(packets, None)
            for packet in left.demux(video=0):
                if packet.dts is None:
                    continue
                while waiting is not None and waiting.dts * waiting.time_base <= packet.dts * packet.time_base:
                    output.mux(waiting)
                    waiting = next(packets, None)
                packet.stream = video
                output.mux(packet)
            for packet in [waiting, *packets] if waiting is not None else []:
                output.mux(packet)


def _audio_stream(output: Any, voice: Any) -> Any:
    if voice.codec_context.name in _MP4_SOUND:
        return output.add_stream_from_template(voice)
    return output.add_stream("aac", rate=voice.codec_context.sample_rate, layout=_layout(voice))


def _layout(voice: Any) -> str:
    return "mono" if voice.codec_context.channels == 1 else "stereo"


def _voice_packets(container: Any, voice: Any, audio: Any, seconds: float) -> Iterator[Any]:
    """The sound as packets for `audio`, as they are or encoded anew."""
    av = require("av", extra="video")
    copied = voice.codec_context.name in _MP4_SOUND
    fitted = av.AudioResampler(format="fltp", layout=_layout(voice), rate=voice.codec_context.sample_rate)
    for packet in container.demux(voice):
        if packet.dts is not None and packet.dts * packet.time_base >= seconds:
            break
        if not copied:
            for frame in packet.decode():
                for part in fitted.resample(frame):
                    yield from audio.encode(part)
        elif packet.dts is not None:
            packet.stream = audio
            yield packet
    if not copied:
        yield from audio.encode(None)
