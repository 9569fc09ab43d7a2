"""Files that FFmpeg reads, through PyAV: upright frames of one size, with times from 0 on, as FFmpeg shows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

from posekit.errors import VideoError, require
from posekit.image import RGB
from posekit.video.clock import SLACK, SLACK_IN_STREAMS, Clock, Stamps
from posekit.video.source import Source
from posekit.video.upright import display_matrix, off_angle, pixel_aspect, to_rgb, upright
from posekit.video.whole import breaks_off_before_its_index, index_is_whole, is_whole

#: Formats that are lists of other files and addresses: through these, a stranger's clip could read files that it should not.
_PLAYLISTS = {"hls", "concat", "dash", "concatf"}

#: Formats whose header says how long the clip is; for others FFmpeg guesses it from the data.
_SAY_THEIR_LENGTH = {"mov", "matroska", "avi", "flv", "asf", "mxf"}

#: Formats without times or a length: bare streams of a codec. Their frame rate is the one that the stream states, and each packet
#: holds a picture.
_BARE = {"h264", "hevc", "vvc"}

#: Formats with an index of key frames.
_HAVE_AN_INDEX = {"mov", "matroska"}

#: AVFMT_TS_DISCONT of libavformat: times may jump in this format.
_TIMES_JUMP = 0x0200

#: The most frames that a decoder holds back.
_HELD = 64

#: How many video packets are read to tell a clip from a still beside it.
_PROBED = 64


class FFmpegSource(Source):
    """A clip in one file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._partial = False  # whether the last packet is incomplete
        with self._opened() as (container, stream):
            self.fps = _rate(container, stream)
            self.codec = str(stream.codec_context.name)
            self.has_sound = bool(container.streams.audio)
            self._declared = _declared(container, stream)
            formats = set(container.format.name.split(","))
            self.seeks = bool(formats & _HAVE_AN_INDEX) and container.start_time is not None

    def count(self) -> int:
        """How many frames there are: as the file says, or else counted once, without decoding."""
        if not self._declared:
            errors = require("av", extra="video").error.FFmpegError, OSError
            with self._opened() as (container, stream), suppress(*errors):  # up to where it breaks off
                for packet in container.demux(stream):
                    self._declared += bool(packet.size and not packet.is_discard)
        return self._declared

    def timed(self) -> Iterator[tuple[float, RGB]]:
        """Iterates over (time, frame).

        Raises:
            VideoError: the file breaks off; the frames before the break have been yielded.
        """
        return self.timed_from(0.0)

    def timed_from(self, start: float) -> Iterator[tuple[float, RGB]]:
        """Iterates over (time, frame) from a time on, in seconds; where the file has an index, earlier frames are not decoded.

        Raises:
            VideoError: the file breaks off; the frames before the break have been yielded.
        """
        self.notes.clear()
        count, corrupt, time = 0, 0, 0.0
        matrix, rotation = None, None
        with self._opened() as (container, stream):
            stream.thread_type = "AUTO"
            clock = self._clock(container)
            self.offsets = clock.offsets
            stamps = Stamps(ordered="avi" not in container.format.name)
            if start > 0 and self.seeks:  # seeks to the key frame before it
                container.seek(int(start * 1e6) + container.start_time)
            for frame in self._decoded(container, stream):
                stamp = stamps(frame.pts, frame.dts)
                time = clock(None if stamp is None or frame.time_base is None else float(stamp * frame.time_base))
                count, corrupt = count + 1, corrupt + frame.is_corrupt
                if time < start:
                    continue
                if rotation != (rotation := frame.rotation):  # display_matrix keeps a frame in memory until garbage collection
                    matrix = display_matrix(frame)
                    if angle := off_angle(matrix):
                        self.note(f"it is to be rotated by {angle}°; it is rotated by the nearest right angle")
                if self.size is None:
                    self.pixel_aspect = pixel_aspect(stream, matrix)
                yield time, self.fit(upright(to_rgb(frame, self.path), matrix))
            for note in [*clock.notes(), *([f"{_frames(corrupt)} could be read only in part"] if corrupt else [])]:
                self.note(note)
            self._check_end(container, stream, count, time)

    def _clock(self, container: Any) -> Clock:
        start = None if container.start_time is None else container.start_time / 1e6
        back, forward = SLACK_IN_STREAMS if may_jump(container) else SLACK
        return Clock(start, 1 / self.fps, (back, max(forward, 3 / self.fps)), self.note)

    def _decoded(self, container: Any, stream: Any) -> Iterator[Any]:
        """The frames; damaged packets are skipped, as FFmpeg does."""
        av = require("av", extra="video")
        errors = av.error.FFmpegError, OSError
        self._partial, damaged, count, read = False, 0, 0, 0
        packets, broken, last = container.demux(stream), None, None
        while True:
            try:
                packet = next(packets, None)
            except errors as error:
                packet, broken = None, error
            try:
                frames = stream.codec_context.decode(None) if packet is None else packet.decode()
            except av.error.EOFError:  # the decoder has already given its last frames
                frames = []
            except errors:
                damaged += 1
                continue
            count += len(frames)
            for frame in frames:
                last = frame.pts
                yield frame
            if packet is None:
                break
            self._partial = packet.is_corrupt if packet.size else self._partial
            read += packet.size > 0
        if 0 < read - count < read / 3:  # else two packets, fields, are one picture
            rest, more = self._after(last, count)
            count, damaged = count + len(rest), max(damaged, more)
            yield from rest
        if damaged:
            self.note(f"{damaged} damaged packet{' is' if damaged == 1 else 's are'} left out")
        if container.format.name in _BARE and 0 < read - count < read / 3:
            self.note(f"{_frames(read - count)} could not be read")
        if broken is not None:
            raise VideoError(f"{self.path} is damaged after {_frames(count)}: {broken.strerror or broken}") from broken

    def _after(self, last: int | None, count: int) -> tuple[list[Any], int]:
        """The frames after the one with time stamp `last`, or after `count`, decoded again; and how many packets are damaged.

        Where the last packets are damaged, PyAV drops frames that the decoder still holds, usually without an error.
        """
        errors = require("av", extra="video").error.FFmpegError, OSError
        rest: list[Any] | None = None
        damaged = 0
        with self._opened() as (container, stream), suppress(*errors):  # up to where it breaks off
            stream.thread_type = "SLICE"  # this holds nothing back, so that each error comes with its own packet
            # The nearest key frame may be a later one.
            before = 0 if last is None else last - round(_HELD / self.fps / stream.time_base)
            if before > (stream.start_time or 0):
                container.seek(before, stream=stream)
            for packet in container.demux(stream):
                try:
                    frames = packet.decode()
                except errors:
                    frames, damaged = [], damaged + 1
                for frame in frames:
                    count -= 1
                    if frame.pts == last if last is not None else count == 0:
                        rest = []
                    elif rest is not None:
                        rest = [*rest, frame] if len(rest) < _HELD else None  # where times restart, it was an earlier one
        return rest or [], damaged

    def _check_end(self, container: Any, stream: Any, count: int, time: float) -> None:
        """Raises a VideoError if the file is shorter than it says."""
        size = self.path.stat().st_size
        if "mov" in container.format.name and self._declared and any(entry.pos + entry.size > size for entry in _played(stream)):
            raise VideoError(f"{self.path} breaks off: it has {count} of the {self._declared} frames that it should have")
        end = _declared_end(container, stream)
        if container.format.name == "mxf" and self.count() < (stream.duration or 0):  # it counts in frames
            raise VideoError(f"{self.path} breaks off: it has {count} of the {stream.duration} frames that it should have")
        tolerance, until = 0.1 + 2.5 / self.fps, time + 1 / self.fps
        short = end is not None and len(self.offsets) == 1 and until < end - tolerance
        if end is not None and short and self._last_packet() < end - tolerance:
            raise VideoError(f"{self.path} breaks off after {until:.1f} of the {end:.1f} seconds that it should have")
        if self._partial or not is_whole(self.path, container.format.name.split(",")):
            raise VideoError(f"{self.path} breaks off after {_frames(count)}")

    def _last_packet(self) -> float:
        """When the last packet of any kind ends, since the picture may end before the sound does."""
        av = require("av", extra="video")
        last = 0.0
        with self._opened() as (container, _):
            try:
                for packet in container.demux():
                    if packet.pts is not None and packet.time_base is not None:
                        last = max(last, float((packet.pts + (packet.duration or 0)) * packet.time_base) + self.offsets[0])
            except (av.error.FFmpegError, OSError):
                pass
        return last

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Any]]:
        with opened(self.path) as container:
            yield container, _clip_stream(container, self.path)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """A file, opened by FFmpeg, which is kept from opening any other file or address.

    Raises:
        VideoError: it is not a clip, or is a list of other files.
    """
    av = require("av", extra="video")
    try:
        container = av.open(f"file:{path}", options={"protocol_whitelist": "file,crypto,data"})
    except (av.error.FFmpegError, ValueError, OSError) as error:
        why = getattr(error, "strerror", None) or error
        if breaks_off_before_its_index(path):
            why = "it breaks off before its index (moov), which a camera writes last"
        raise VideoError(f"{path} is not a clip that can be read: {why}") from error
    with container:
        if set(container.format.name.split(",")) & _PLAYLISTS:
            raise VideoError(f"{path} is a list of other files ({container.format.name}); give the clip itself")
        yield container


def may_jump(container: Any) -> bool:
    """Whether recordings in this format can be simply concatenated, so that times may jump and the format may change."""
    return bool(container.format.flags & _TIMES_JUMP)


def _clip_stream(container: Any, path: Path) -> Any:
    """The stream that is the clip: never cover art, and not a still if there are several streams."""
    cover = require("av.stream", extra="video").Disposition.attached_pic
    streams = [stream for stream in container.streams.video if not stream.disposition & cover]
    if not streams:
        raise VideoError(f"{path} has no clip in it, only {_other_streams(container)}")
    known = [stream for stream in streams if stream.codec_context is not None]
    if not known:
        raise VideoError(f"{path} is in a codec that this FFmpeg lacks; convert it to H.264 first")
    return known[0] if len(known) == 1 else _liveliest(path, known)


def _liveliest(path: Path, streams: list[Any]) -> Any:
    """The stream that players show: the default of those that are not stills, or the one with the most packets, or the first."""
    default = require("av.stream", extra="video").Disposition.default
    seen = dict.fromkeys([stream.index for stream in streams], 0)
    with opened(path) as container:
        for packet, _ in zip(container.demux(video=tuple(range(len(container.streams.video)))), range(_PROBED), strict=False):
            if packet.size and packet.stream_index in seen:
                seen[packet.stream_index] += 1
    return max(streams, key=lambda stream: (seen[stream.index] > 1, stream.disposition & default, seen[stream.index]))


def _other_streams(container: Any) -> str:
    kinds = {"a cover picture" if stream.type == "video" else stream.type for stream in container.streams}
    return " and ".join(sorted(kinds)) or "nothing that can be read"


def _rate(container: Any, stream: Any) -> float:
    rate = float(stream.average_rate or stream.guessed_rate or 25)
    if container.format.name in _BARE:  # FFmpeg's average is 25 for all of them
        rate = float(stream.guessed_rate or rate)
    if "avi" in container.format.name and (entries := _played(stream)):  # AVI counts every tick of its clock, even without a frame
        rate *= len(entries) / (stream.frames if index_is_whole(entries, stream.frames) else entries[-1].timestamp + 1)
    return rate if 0.001 <= rate <= 1000 else 25.0


def _played(stream: Any) -> list[Any]:
    """The entries of the index whose frames are shown; an edit list hides the others."""
    return [entry for entry in stream.index_entries if not entry.is_discard]


def _declared(container: Any, stream: Any) -> int:
    """How many frames there are, as the file says; 0 where it does not say, or where that number is of only a part."""
    if "mov" in container.format.name or "avi" in container.format.name:
        entries, told = _played(stream), int(stream.frames)
        return told and (len(entries) or told) if "mov" in container.format.name else len(entries) * index_is_whole(entries, told)
    return 0 if container.format.name == "gif" else int(stream.frames)  # where GIFs were joined, the number is that of the first


def _declared_end(container: Any, stream: Any) -> float | None:
    """When the clip should end, in seconds from its start, where its header says so."""
    if not set(container.format.name.split(",")) & _SAY_THEIR_LENGTH:
        return None
    if "avi" in container.format.name and stream.frames:  # its duration is that of what is there, `frames` what should be
        return float(stream.frames * stream.time_base)
    if stream.duration is not None and stream.time_base is not None:
        begins = (stream.start_time or 0) * stream.time_base - Fraction(container.start_time or 0, 10**6)
        return float(begins + stream.duration * stream.time_base)
    if container.duration is None:
        return None
    return float(container.duration - max(0, container.start_time or 0)) / 1e6  # Matroska counts it from 0, not from the start


def _frames(count: int) -> str:
    return f"{count} frame{'s' * (count != 1)}"
