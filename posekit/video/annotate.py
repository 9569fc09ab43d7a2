"""A clip in, the same clip with skeletons out, and a table of the tracks."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from posekit.drawing import draw
from posekit.errors import require
from posekit.estimate import PoseModel, load_model
from posekit.image import RGB
from posekit.pose import THRESHOLD, Poses, save_tracks, tracks_to_pandas
from posekit.track import Tracker
from posekit.video.reader import read_video
from posekit.video.writer import VideoWriter

if TYPE_CHECKING:
    import pandas

T = TypeVar("T")

#: Frames that wait between two stages, so that none waits for another for long.
_AHEAD = 4

#: Frames that are put into a table at a time.
_CHUNK = 500


def annotate_video(
    source: str | Path,
    target: str | Path,
    *,
    model: str | PoseModel = "lightning",
    smooth: bool = True,
    threshold: float = THRESHOLD,
    boxes: bool | None = None,
    table: str | Path | None = None,
    progress: bool = True,
) -> pandas.DataFrame:
    """Follows the people through a clip and writes it with their skeletons.

    Decoding, finding and encoding go on side by side. Ctrl-C ends it early and leaves a clip that plays.

    Args:
        source: see `read_video`.
        target: an .mp4 (H.264, plays in a browser, with the sound of the source) or a .gif.
        model: a name for `load_model`, or a model.
        smooth: calm the jitter.
        threshold: keypoints with a lower score are not drawn.
        boxes: draw boxes with the ids; by default where the model finds several people.
        table: where to write the table of tracks too: .csv, .parquet or .json (COCO's results format).
        progress: show a bar.

    Returns:
        The table of tracks: see `tracks_to_pandas`.

    Raises:
        VideoError: the source cannot be read or the target not be written; nothing is left under the target's name then.
    """
    from tqdm.auto import tqdm

    video = read_video(source)
    loaded = load_model(model, threads=model_threads()) if isinstance(model, str) else model
    tracker = Tracker(loaded, smooth=smooth)
    boxes = loaded.max_people > 1 if boxes is None else boxes
    times: list[float] = []
    people: list[Poses] = []
    tables: list[pandas.DataFrame] = []
    bar = tqdm(total=len(video), unit="frame", desc=Path(target).name, disable=not progress)
    with VideoWriter(target, video.fps, sound=video.path) as writer, ThreadPoolExecutor(1) as encoder, bar:
        done: deque[Future[None]] = deque()

        def put(frame: RGB, poses: Poses, time: float) -> None:
            writer.write(draw(frame, poses, threshold=threshold, boxes=boxes), time)

        try:
            for time, frame in _ahead(video.timed()):
                people.append(tracker(frame, time))
                times.append(time)
                done.append(encoder.submit(put, frame, people[-1], time))
                if len(people) == _CHUNK:  # a table takes less memory than the poses
                    tables.append(tracks_to_pandas(times, people, first=_CHUNK * len(tables)))
                    times, people = [], []
                if len(done) > _AHEAD:
                    done.popleft().result()
                bar.update()
            for each in done:
                each.result()
        except KeyboardInterrupt:
            print(f"stopped: {target} holds the first {_CHUNK * len(tables) + len(people)} of {len(video)} frames", file=sys.stderr)
            raise
    tables.append(tracks_to_pandas(times, people, first=_CHUNK * len(tables)))
    tracks: pandas.DataFrame = require("pandas", extra="video").concat(tables, ignore_index=True)
    if table is not None:
        save_tracks(tracks, table)
    return tracks


def model_threads() -> int:
    """How many threads the model gets beside the encoder, which is as busy: all cores but one."""
    return max(1, (os.cpu_count() or 2) - 1)


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, but the next few are made ready in a thread of their own."""
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(next, items, None) for _ in range(_AHEAD))
        while (item := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, items, None))
            yield item
