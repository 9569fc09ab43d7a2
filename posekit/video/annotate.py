"""Turns a clip into a table of tracks, and into the same clip with skeletons."""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import cv2
import numpy as np

from posekit.drawing import draw
from posekit.errors import VideoError, require
from posekit.estimate import PoseModel, load_model
from posekit.image import RGB
from posekit.pose import THRESHOLD, Poses, check_tracks_target, save_tracks, tracks_to_pandas
from posekit.progress import progress as show_progress
from posekit.progress import say
from posekit.track import Tracker
from posekit.video.reader import Video, read_video
from posekit.video.stopping import Stop, stopping
from posekit.video.writer import VideoWriter

if TYPE_CHECKING:
    import pandas

T = TypeVar("T")

#: How many frames are buffered between two stages, so that neither waits long for the other.
_AHEAD = 4

#: How many frames are put into a table at a time.
_CHUNK = 500

#: A pixel aspect above this, or below its inverse, is a mistake in the file; such pixels are taken for square ones.
MAX_ASPECT = 4.0

#: The least number of bytes per pixel of a clip; those measured on the sample clips are 0.02 (MP4) and 0.2 (GIF).
_LEAST_BYTES = {".mp4": 0.002, ".gif": 0.02}


def annotate_video(
    source: str | Path | Video,
    target: str | Path,
    *,
    model: str | PoseModel = "lightning",
    smooth: bool = True,
    threshold: float = THRESHOLD,
    boxes: bool | None = None,
    table: str | Path | None = None,
    overwrite: bool = False,
    progress: bool | Callable[[int, int], None] = True,
) -> pandas.DataFrame:
    """Follows the people through a clip and writes it with their skeletons.

    Decoding, pose estimation and encoding run in parallel. Finished work is kept: where the source breaks off, and after Ctrl-C,
    SIGTERM or SIGHUP, the clip and the table hold the frames up to that point. Anything unusual is reported on stderr.

    Args:
        source: see `read_video`; or a clip that `read_video` returned.
        target: an .mp4 (H.264, plays in a browser, with the sound of the source) or a .gif.
        model: a name for `load_model`, or a model.
        smooth: whether to remove jitter.
        threshold: keypoints with a lower score are not drawn.
        boxes: whether to draw boxes with the ids; by default where the model finds several people.
        table: where to write the table of tracks as well: .csv, .parquet or .json (COCO's results format).
        overwrite: whether to replace `target` and `table` where they exist.
        progress: whether to show a bar; or a function to call after each frame, with the number of frames done and of all frames.

    Returns:
        The table of tracks; see `track_video`.

    Raises:
        VideoError: the source cannot be read, or the target already exists or cannot be written; then nothing of it is left.
    """
    video = source if isinstance(source, Video) else read_video(source)
    _check_targets(video.path, [Path(each) for each in (target, table) if each is not None], overwrite=overwrite)
    if table is not None:
        check_tracks_target(table)
    writer = VideoWriter(target, video.fps, sound=video if video.has_sound else None, pixel_aspect=video.pixel_aspect)
    _check_space(writer.target, video)
    tracker = _tracker(model, smooth=smooth)
    boxes = tracker.model.max_people > 1 if boxes is None else boxes
    tracks = _Tracks()
    with stopping() as stop:
        with writer, ThreadPoolExecutor(1) as encoder:
            done: deque[Future[None]] = deque()

            def put(frame: RGB, poses: Poses, time: float) -> None:
                writer.write(draw(frame, poses, threshold=threshold, boxes=boxes), time)

            for time, frame, poses in _tracked(video, tracker, tracks, stop, title=Path(target).name, shown=progress):
                done.append(encoder.submit(put, frame, poses, time))
                if len(done) > _AHEAD:
                    done.popleft().result()
            for each in done:
                each.result()
        if stop:
            say(f"stopped: {target} holds the first {tracks.frames} of {len(video)} frames")
        found = tracks.table(video, writer.notes)
        if table is not None:
            save_tracks(found, table)
    return found


def track_video(
    source: str | Path,
    *,
    model: str | PoseModel = "lightning",
    smooth: bool = True,
    progress: bool | Callable[[int, int], None] = True,
) -> pandas.DataFrame:
    """Follows the people through a clip, without drawing.

    Where the clip breaks off, the table holds the frames up to that point. Anything unusual is reported on stderr.

    Args:
        source: see `read_video`.
        model: a name for `load_model`, or a model.
        smooth: whether to remove jitter.
        progress: whether to show a bar; or a function to call after each frame, with the number of frames done and of all frames.

    Returns:
        A row for each keypoint of each person in each frame: frame, time (seconds from the start), id, person, keypoint, x, y
        (pixels), score (0…1). Its `attrs` describe the clip: frames (how many), fps, size (width, height), pixel_aspect, and notes,
        sentences about what was unusual.

    Raises:
        VideoError: the source cannot be read.
    """
    video = read_video(source)
    tracks = _Tracks()
    for _ in _tracked(video, _tracker(model, smooth=smooth), tracks, Stop(), title=video.path.name, shown=progress):
        pass
    return tracks.table(video)


def track_part(
    source: str | Path, *, model: PoseModel, smooth: bool, progress: Callable[[int, int], None], start: float, end: float
) -> tuple[list[float], pandas.DataFrame]:
    """Follows the people through a part of a clip; tracks and frames are numbered from the start of that part.

    Args:
        source: see `read_video`.
        model: a model.
        smooth: whether to remove jitter.
        progress: see `track_video`.
        start: the time of the first frame, in seconds.
        end: the time of the first frame after the part, in seconds.

    Returns:
        The time of each frame in seconds, and the table of tracks.

    Raises:
        VideoError: the source cannot be read.
    """
    video, tracks, times = read_video(source), _Tracks(), []
    length = round((min(end, len(video) / video.fps) - start) * video.fps)
    tracker = Tracker(model, smooth=smooth)
    for time, frame in _kept(_ahead(takewhile(lambda timed: timed[0] < end, video.timed(start))), tracks):
        tracks.add(time, _look(tracker, frame, time, float(video.pixel_aspect)))
        times.append(time)
        progress(tracks.frames, length)
    return times, tracks.table(video)


def model_threads() -> int:
    """How many threads the model gets: one fewer than there are cores, since the encoder keeps one busy."""
    return max(1, (os.cpu_count() or 2) - 1)


class _Tracks:
    """Collects the poses of frames as tables of a few hundred frames each, which take less memory."""

    def __init__(self) -> None:
        self.frames, self.notes = 0, list[str]()
        self._times: list[float] = []
        self._poses: list[Poses] = []
        self._tables: list[pandas.DataFrame] = []

    def add(self, time: float, poses: Poses) -> None:
        self._times.append(time)
        self._poses.append(poses)
        self.frames += 1
        if len(self._poses) >= _CHUNK:
            self._pack()

    def _pack(self) -> None:
        self._tables.append(tracks_to_pandas(self._times, self._poses, first=self.frames - len(self._poses)))
        self._times, self._poses = [], []

    def table(self, video: Video, notes: Sequence[str] = ()) -> pandas.DataFrame:
        """The whole table; anything unusual is reported on stderr and kept in its `attrs`."""
        self._pack()
        found: pandas.DataFrame = require("pandas", extra="video").concat(self._tables, ignore_index=True)
        found.attrs = {"frames": self.frames, "fps": video.fps, "size": list(video.size), "pixel_aspect": float(video.pixel_aspect)}
        found.attrs["notes"] = [*video.notes, *self.notes, *notes]
        for note in found.attrs["notes"]:
            say(f"{video.path.name}: {note}")
        return found


def _tracked(
    video: Video, tracker: Tracker, tracks: _Tracks, stop: Stop, *, title: str, shown: bool | Callable[[int, int], None]
) -> Iterator[tuple[float, RGB, Poses]]:
    """Time, frame and poses of each frame until the end, or until `stop`; the poses go into `tracks`."""
    with show_progress(title, len(video), "frame", shown=shown is True) as bar:
        for time, frame in _kept(_ahead(video.timed()), tracks):
            poses = _look(tracker, frame, time, float(video.pixel_aspect))
            tracks.add(time, poses)
            yield time, frame, poses
            bar.update()
            if callable(shown):
                shown(tracks.frames, len(video))
            if stop:
                break


def _look(tracker: Tracker, frame: RGB, time: float, aspect: float) -> Poses:
    """The people, in pixels of the frame; the model sees them in their true proportions, as a player shows them."""
    if aspect == 1 or not 1 / MAX_ASPECT <= aspect <= MAX_ASPECT:
        return tracker(frame, time)
    height, width = frame.shape[:2]
    shown = max(1, round(width * aspect))
    poses = tracker(np.asarray(cv2.resize(frame, (shown, height), interpolation=cv2.INTER_AREA), np.uint8), time)
    back = np.float32(width / shown)
    xy, box = poses.xy * np.array([back, 1], np.float32), poses.box * np.array([back, 1, back, 1], np.float32)
    return replace(poses, xy=xy, box=box, size=(width, height))


def _kept(frames: Iterator[tuple[float, RGB]], tracks: _Tracks) -> Iterator[tuple[float, RGB]]:
    """The frames; where the clip breaks off after at least one of them, the error becomes a note."""
    try:
        yield from frames
    except VideoError as error:
        if not tracks.frames:
            raise
        tracks.notes.append(f"{error}; these are kept")


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """Yields the same items, preparing the next few in a separate thread."""
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(next, items, None) for _ in range(_AHEAD))
        while (item := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, items, None))
            yield item


def _tracker(model: str | PoseModel, *, smooth: bool) -> Tracker:
    return Tracker(load_model(model, threads=model_threads()) if isinstance(model, str) else model, smooth=smooth)


def _check_targets(source: Path, targets: list[Path], *, overwrite: bool) -> None:
    """Raises a VideoError if a file of the user would be overwritten, or a pipe or a device replaced."""
    for target in targets:
        try:
            if not target.exists():
                continue
            if source.exists() and target.samefile(source):
                raise VideoError(f"{target} is the source itself; name another target")
            if not target.is_file() and not target.is_dir():
                raise VideoError(f"cannot write {target}: it is a pipe or a device; name an ordinary file")
        except OSError as error:
            raise VideoError(f"cannot write {target}: {error.strerror or error}") from error
        if not overwrite:
            raise VideoError(f"{target} exists already; name another target, or allow it to be overwritten (overwrite=True)")


def _check_space(target: Path, video: Video) -> None:
    """Raises a VideoError if the disk has no room even for the smallest possible clip of this length."""
    width, height = video.size
    least = int(_LEAST_BYTES[target.suffix.lower()] * width * height * len(video))
    with suppress(OSError):
        free = shutil.disk_usage(target.parent).free
        if free < least:
            raise VideoError(
                f"cannot write {target}: the disk has {free / 1e6:.1f} MB left, and the result takes {least / 1e6:.1f} or more"
            )
