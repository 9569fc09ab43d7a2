"""Muxes the sound of one clip with the picture of another, in sync."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from posekit.errors import VideoError, require
from posekit.video.clock import follow
from posekit.video.ffmpeg import may_jump, opened

#: FFmpeg's names of the sound that browsers play in an MP4 unchanged. Other sound is re-encoded as AAC, and so is that of transport
#: streams, whose rate or channels may change in the middle, which those of an MP4 cannot.
_COPIED = {"aac", "mp3", "opus", "flac"}

#: Sound that is off by more than this many seconds is padded with silence or trimmed.
_TOLERANCE = 0.005


def add_sound(picture: Path, sound: Path, target: Path, seconds: float, offsets: Sequence[float] | None = None) -> list[str]:
    """Writes the unchanged picture of an MP4 and the sound of another clip into a third file.

    Args:
        picture: the MP4.
        sound: the other clip. Where it has no sound, the picture's file is simply moved.
        target: the third file.
        seconds: how much of the sound is wanted.
        offsets: those of the picture's times, see `Video.offsets`; None: the sound starts where its file starts.

    Returns:
        Sentences about sound that could not be kept completely.

    Raises:
        VideoError: none of the sound can be kept.
        OSError: the target cannot be written; FFmpeg's own errors are possible, too.
    """
    av = require("av", extra="video")
    with opened(sound) as container:
        voice = container.streams.best("audio")
        if voice is None:
            picture.replace(target)
            return []
        if voice.codec_context is None:
            raise VideoError("it is in a codec that this FFmpeg lacks")
        copied = voice.codec_context.codec.canonical_name in _COPIED and not may_jump(container)
    for copy in (True, False) if copied else (False,):
        try:
            return _Muxer(sound, offsets, seconds, copy=copy).run(picture, target)
        except av.error.FFmpegError:
            if not copy:
                raise
    raise AssertionError


class _Muxer:
    """One attempt at muxing picture and sound, with the sound copied or re-encoded."""

    def __init__(self, sound: Path, offsets: Sequence[float] | None, seconds: float, *, copy: bool) -> None:
        self._sound, self._offsets, self._seconds, self._copy = sound, offsets, seconds, copy
        self._taken = self._left_out = 0
        self._broken = False

    def run(self, picture: Path, target: Path) -> list[str]:
        av = require("av", extra="video")
        options = {"movflags": "+faststart"}
        with (
            av.open(f"file:{picture}") as left,
            opened(self._sound) as right,
            av.open(f"file:{target}", "w", format="mp4", options=options) as output,
        ):
            video, voice = output.add_stream_from_template(left.streams.video[0]), right.streams.best("audio")
            if self._offsets is None:
                self._offsets = [-(right.start_time or 0) / 1e6]
            packets = self._copied(right, voice, output) if self._copy else self._encoded(right, voice, output)
            for packet in heapq.merge(_for(video, left.demux(video=0)), packets, key=lambda each: each.dts * each.time_base):
                output.mux(packet)
        if not self._taken:
            raise VideoError("none of it can be read")
        return self._notes()

    def _notes(self) -> list[str]:
        packets = "packet of sound is" if self._left_out == 1 else "packets of sound are"
        notes = [f"{self._left_out} damaged {packets} left out"] if self._left_out else []
        return [*notes, "the sound breaks off"] if self._broken else notes

    def _timed(self, container: Any, voice: Any) -> Iterator[tuple[Any, float]]:
        """The packets of sound up to the wanted end, each with the offset to add to its time."""
        assert self._offsets is not None
        expected, stretch = None, 0
        for packet in self._demuxed(container, voice):
            begin = packet.dts if packet.pts is None else packet.pts
            if begin is None or not packet.size:
                continue
            begin = float(begin * packet.time_base)
            stretch = follow(self._offsets, begin, expected, stretch)
            expected = begin + self._offsets[stretch] + float((packet.duration or 0) * packet.time_base)
            if begin + self._offsets[stretch] < self._seconds:
                yield packet, self._offsets[stretch]
            elif stretch == len(self._offsets) - 1:
                return

    def _demuxed(self, container: Any, voice: Any) -> Iterator[Any]:
        av = require("av", extra="video")
        try:
            yield from container.demux(voice)
        except (av.error.FFmpegError, OSError):
            self._broken = True

    def _copied(self, container: Any, voice: Any, output: Any) -> Iterator[Any]:
        """The unchanged packets, without those that go back in time."""
        audio = output.add_stream_from_template(voice)
        last = None
        for packet, offset in self._timed(container, voice):
            shift = round(offset / packet.time_base)
            dts = (packet.pts if packet.dts is None else packet.dts) + shift
            if last is not None and dts <= last:
                self._left_out += 1
                continue
            packet.pts = dts if packet.pts is None else packet.pts + shift
            packet.dts = last = dts
            packet.stream = audio
            self._taken += 1
            yield packet

    def _encoded(self, container: Any, voice: Any, output: Any) -> Iterator[Any]:
        """The sound as AAC, at the nearest rate that the encoder supports; gaps become silence."""
        av = require("av", extra="video")
        seen = voice.codec_context.sample_rate or 48000
        rate = min(av.Codec("aac", "w").audio_rates, key=lambda known: abs(known - seen))
        layout = "mono" if voice.codec_context.channels == 1 else "stereo"
        audio = output.add_stream("aac", rate=rate, layout=layout)
        line = _timeline(rate, layout, self._seconds)
        for frame in self._decoded(container, voice, layout, rate):
            line.push(frame)
            for part in _pulled(line):
                yield from audio.encode(part)
        if self._taken:
            line.push(None)
            for part in _pulled(line):
                yield from audio.encode(part)
            yield from audio.encode(None)

    def _decoded(self, container: Any, voice: Any, layout: str, rate: int) -> Iterator[Any]:
        """Frames in one format, timed from the start; damaged packets are left out."""
        av = require("av", extra="video")
        form, fitted = None, None
        for packet, offset in self._timed(container, voice):
            try:
                frames = packet.decode()
            except (av.error.FFmpegError, OSError):
                self._left_out += 1
                continue
            for frame in frames:
                if form != (form := (frame.format.name, frame.layout.name, frame.sample_rate)):
                    fitted = av.AudioResampler(format="fltp", layout=layout, rate=rate)
                if frame.pts is not None:
                    frame.pts += round(offset / frame.time_base)
                self._taken += 1
                assert fitted is not None
                for part in fitted.resample(frame):
                    if part.pts is not None:
                        part.pts, part.time_base = round(part.pts * part.time_base * rate), Fraction(1, rate)
                    yield part


def _for(stream: Any, packets: Iterator[Any]) -> Iterator[Any]:
    for packet in packets:
        if packet.dts is not None:
            packet.stream = stream
            yield packet


def _timeline(rate: int, layout: str, seconds: float) -> Any:
    """A filter graph that places sound at its time, from 0 on."""
    av = require("av", extra="video")
    graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_abuffer(format="fltp", sample_rate=rate, layout=layout),
        graph.add("aresample", f"async=1:min_hard_comp={_TOLERANCE}:first_pts=0"),
        graph.add("atrim", f"end={seconds}"),
        graph.add("abuffersink"),
    ).configure()
    return graph


def _pulled(graph: Any) -> Iterator[Any]:
    av = require("av", extra="video")
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
