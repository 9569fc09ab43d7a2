"""Checks and annotates a visitor's clip, and counts its repetitions, in a process of its own."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
from tqdm import tqdm

from posekit.drawing import shrink
from posekit.errors import PosekitError, VideoError, require
from posekit.estimate import load_model
from posekit.image import RGB
from posekit.motion import repetitions
from posekit.pose import save_tracks
from posekit.video import Video, annotate_video
from posekit.web.decoding import limit_memory, return_memory

if TYPE_CHECKING:
    import pandas

#: How many seconds a clip may last, and a tolerance for rounding.
MAX_SECONDS = 60
SLACK = 0.5

#: The most frames; and the most pixels in one frame (4K), and in all frames: a minute of 1920 × 1080 at 30 frames per second.
MAX_FRAMES = 3_700
MAX_FRAME_PIXELS = 3840 * 2160
MAX_PIXELS = 61 * 30 * 1920 * 1080

#: How many seconds of work a clip gets before the rest of it is left out, and how many bytes the annotated clip may have.
MAX_WORK = 8 * 60
MAX_WRITTEN = 96 * 2**20

#: The longer side of the annotated clip, in pixels; larger frames are shrunk as they are decoded.
RESULT_SIDE = 1920

#: What the work may add to the memory of its process, in bytes: what a decoder keeps of a 4K clip, and about thirty smaller frames.
MEMORY = 3 * 2**29

#: How much lower its priority is than the server's, since photos and live pictures come first.
NICENESS = 10

#: The files in a clip's folder: the clip that was sent, its results, and its progress.
SENT, VIDEO, TRACKS, REPETITIONS, PROGRESS = "clip-that-was-sent", "pose.mp4", "tracks.csv", "repetitions.csv", "progress"

#: FFmpeg's names of the formats that strangers may send: neither playlists, which lead to other files, nor pictures.
FORMATS = "mov,matroska,avi,mpegts,mpeg,ogg,asf,flv"


def work(
    folder: Path, name: str, model: str, threshold: float, exercise: str, begin: Callable[[int], None]
) -> dict[str, Any] | str:
    """Annotates `folder/SENT`, in a process that does nothing else.

    Args:
        folder: the folder of the clip, into which its results go, too.
        name: the name of the clip, for people.
        model: a name for `load_model`.
        threshold: keypoints with a lower score are not drawn.
        exercise: a name of `EXERCISES`, or empty.
        begin: called with the number of pixels in a frame; it returns when there is memory for them.

    Returns:
        What the result page says about it; or what was wrong, in words.
    """
    os.chdir(folder)  # so that no message has a path in it
    sys.stderr = None  # messages are for the visitor, not for stderr
    tqdm.set_lock(threading.RLock())  # its own lock is shared by processes, and is left behind when this one is killed
    signal.signal(signal.SIGINT, lambda *_: None)  # see `_Report`
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    try:
        estimator = load_model(model, threads=1)
        _use_few_arenas()
        return_memory()
        limit_memory(MEMORY)
        pixels = check(Path(SENT))
        begin(pixels)
        report = _Report(pixels)
        clip = _Smaller(SENT)
        tracks = clip.enlarged(annotate_video(clip, VIDEO, model=estimator, threshold=threshold, progress=report))
        save_tracks(tracks, TRACKS)
        counted = _count(tracks, exercise, threshold) if exercise else {}
    except PosekitError as error:
        return str(error).replace(SENT, name)
    except (MemoryError, cv2.error):
        return f"{name} needs too much memory; send it with fewer pixels"
    about = tracks.attrs | {"people": int(tracks["id"].nunique()), "model": estimator.name}
    about["seconds"] = about["frames"] / about["fps"]
    notes = [*about["notes"], *report.notes, *counted.pop("notes", [])]
    return about | counted | {"notes": [note.replace(SENT, name) for note in notes]}


def check(path: Path) -> int:
    """Reads what the container says, and returns how many pixels a frame has.

    Raises:
        VideoError: it is not a clip, or is longer or larger than clips may be.
    """
    av = require("av", extra="video")
    options = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    try:
        with av.open(f"file:{path}", options=options) as container:
            video = next(iter(container.streams.video), None)
            if video is None or video.codec_context is None:
                raise VideoError(f"{path} has no picture that can be read here. Choose an MP4, MOV or WebM.")
            rate = float(video.average_rate or video.guessed_rate or 25)
            seconds = max(float((container.duration or 0) / 1e6), video.frames / rate if rate > 0 else 0)
            return _checked(path, video.codec_context.width, video.codec_context.height, seconds, max(video.frames, seconds * rate))
    except (av.error.FFmpegError, OSError):
        raise VideoError(f"{path} is not a clip that can be read here. Choose an MP4, MOV or WebM.") from None


def _checked(path: Path, width: int, height: int, seconds: float, frames: float) -> int:
    pixels = width * height
    if seconds > MAX_SECONDS + SLACK:
        raise VideoError(f"{path} lasts {seconds:.0f} seconds; {MAX_SECONDS} are allowed. Cut it, and send a part.")
    if pixels > MAX_FRAME_PIXELS:
        raise VideoError(f"{path} has {width} × {height} pixels; 3840 × 2160 are allowed. Shrink it first.")
    if frames > MAX_FRAMES or frames * pixels > MAX_PIXELS:
        raise VideoError(
            f"{path} has {frames:.0f} frames of {width} × {height} pixels, which is too much work. "
            "Make it shorter or smaller: a minute of 1920 × 1080 at 30 frames a second is allowed."
        )
    return pixels


class _Smaller(Video):
    """A clip whose frames are shrunk to the result's size, since two dozen of them are in memory during the work."""

    def __init__(self, source: str) -> None:
        self._whole = (0, 0)
        super().__init__(source)

    def timed(self, start: float = 0.0) -> Iterator[tuple[float, RGB]]:
        """See `Video.timed`."""
        for at, frame in super().timed(start):
            self._whole = frame.shape[1], frame.shape[0]
            yield at, shrink(frame, RESULT_SIDE)

    def enlarged(self, tracks: pandas.DataFrame) -> pandas.DataFrame:
        """The tracks in pixels of the clip that was sent."""
        for axis, whole, small in zip("xy", self._whole, self.size, strict=True):
            tracks[axis] *= whole / small
        tracks.attrs["size"] = list(self._whole)
        return tracks


class _Report:
    """Reports progress after each frame, and ends the work early if the clip turns out to be larger than it says.

    What has been done by then is kept, since `annotate_video` is stopped by a signal.
    """

    def __init__(self, pixels: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._pixels, self._clock = pixels, clock
        self._end = clock() + MAX_WORK
        self.notes: list[str] = []

    def __call__(self, done: int, total: int) -> None:
        Path(PROGRESS).write_text(f"{done} {max(done, total)}")
        _end_with_parent()
        if not self.notes and (why := self._reason(done)):
            self.notes = [f"only its first {done} frames are here: {why}"]
            signal.raise_signal(signal.SIGINT)

    def _reason(self, done: int) -> str | None:
        if done >= MAX_FRAMES or done * self._pixels > MAX_PIXELS:
            return "it has more frames than its header says"
        if self._clock() > self._end:
            return f"the rest takes more than {MAX_WORK // 60} minutes"
        if _size(Path()) - Path(SENT).stat().st_size > MAX_WRITTEN:
            return f"the result is larger than {MAX_WRITTEN >> 20} MB"
        return None


def _count(tracks: Any, exercise: str, threshold: float) -> dict[str, Any]:
    """Writes the repetitions to a file, and returns how many there are and what the visitor should know about them."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        found = repetitions(tracks, exercise, threshold=threshold)
    found.to_csv(REPETITIONS, index=False)
    notes = [str(each.message) for each in caught if each.category is UserWarning]
    return {"exercise": exercise, "repetitions": len(found), "notes": notes}


def _size(folder: Path) -> int:
    total = 0
    for entry in os.scandir(folder):
        with suppress(OSError):  # it has just been renamed
            total += entry.stat().st_size
    return total


def _end_with_parent() -> None:
    """Ends this process and deletes the clip when the server has been killed."""
    parent = parent_process()
    if parent is not None and not parent.is_alive():
        shutil.rmtree(Path.cwd(), ignore_errors=True)
        os._exit(1)


def _use_few_arenas() -> None:
    """Keeps glibc from reserving 64 MB of address space for each thread, which would count as used memory."""
    with suppress(OSError, AttributeError):  # other systems have another malloc
        ctypes.CDLL("libc.so.6").mallopt(-8, 2)  # M_ARENA_MAX
