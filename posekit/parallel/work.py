"""What a worker does with a source, on whichever machine it runs."""

from __future__ import annotations

import functools
import hashlib
import os
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit import models
from posekit.errors import PosekitError
from posekit.estimate import PoseModel, load_model
from posekit.image import read_image
from posekit.motion.exercises import Exercise, find_exercise
from posekit.parallel.pieces import cuts_of, joined, spans_of
from posekit.parallel.place import Place, in_words, replacing, shown
from posekit.parallel.results import MANIFEST, Settings, read_about, read_table, result_path, write_table
from posekit.parallel.sources import Source, fetch_source
from posekit.pose import tracks_to_pandas

if TYPE_CHECKING:
    import pandas

#: The topic of the Dask events that say how many frames of a clip are done, and the seconds between two of them.
TOPIC, REPORT_EVERY = "posekit-frames", 1.0


def work(sources: Sequence[Source], place: Place, settings: Settings) -> list[dict[str, Any]]:
    """Processes some sources one after another. One that fails does not stop the others.

    Returns:
        A row of the manifest for each. A long clip is not processed; instead its row says where to cut it, in `cuts`.
    """
    return [_row(source, place, settings, _whole_or_cuts) for source in sources]


def new_row(source: Source) -> dict[str, Any]:
    """A row of the manifest for a source that has not been processed yet."""
    row = {"source": source.address, "state": "failed", "error": "", "frames": 0, "people": 0, "seconds": 0.0}
    return row | {"worker": "", "result": "", "bytes": source.bytes, "changed": source.changed}


#: A table of tracks, and what the manifest says about them.
Result = tuple["pandas.DataFrame", dict[str, Any]]


def _row(
    source: Source, place: Place, settings: Settings, make: Callable[[Path, Source, Place, Settings], Result | list[float]]
) -> dict[str, Any]:
    begun = time.perf_counter()
    row = new_row(source) | {"worker": f"{socket.gethostname()}:{os.getpid()}"}
    try:
        with tempfile.TemporaryDirectory(prefix="posekit-", ignore_cleanup_errors=True) as scratch:
            made = make(fetch_source(source.address, Path(scratch)), source, place, settings)
        if isinstance(made, list):
            return row | {"cuts": made}
        tracks, facts = made
        if settings.exercise is not None and not source.is_picture:
            _count(tracks, place, source, settings.exercise)
        target = result_path(place, source.address)
        row |= {"frames": facts["frames"], "people": int(tracks["id"].nunique()), "result": f"{target.parent.name}/{target.name}"}
        row |= {"state": "done", "error": "; ".join(facts.get("notes", []))}
        row |= {"seconds": round(time.perf_counter() - begun + facts.pop("seconds", 0.0), 3)}
        about = {"row": row, "settings": settings.about(), "posekit": version("posekit"), **facts}
        write_table(tracks, target, source.address, about)
    except Exception as error:  # a decoder may raise anything on input that it does not know
        row |= {"state": "failed", "error": _words(error), "frames": 0, "people": 0, "result": ""}
    return row


def _words(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text if isinstance(error, (PosekitError, OSError)) else f"{type(error).__name__}: {text}"


def work_piece(source: Source, place: Place, settings: Settings, cuts: Sequence[float], number: int) -> float | None:
    """Processes one piece of a long clip, and keeps its tracks until they are joined.

    Returns:
        How many seconds it took; None where something is unusual about the clip, so that it must be processed as a whole.
    """
    from posekit.video import track_part

    begun, target = time.perf_counter(), _piece_path(source, place, number)
    key = _piece_key(source, settings, cuts, number)
    if (about := read_about(target)) and about["key"] == key:
        return float(about["seconds"])
    start, end = spans_of(cuts)[number]
    try:
        model, told = loaded(settings.model, settings.model_sha256), _reporter(source.address, number)
        with tempfile.TemporaryDirectory(prefix="posekit-", ignore_cleanup_errors=True) as scratch:
            file = fetch_source(source.address, Path(scratch))
            times, tracks = track_part(file, model=model, smooth=settings.smooth, progress=told, start=start, end=end)
        facts = dict(tracks.attrs)
        seconds = round(time.perf_counter() - begun, 3)
        write_table(tracks, target, source.address, {"key": key, "times": times, "seconds": seconds, "facts": facts})
    except Exception:  # the whole clip raises it again, and has a row for it
        return None
    return None if facts["notes"] else seconds


def join_pieces(
    source: Source, place: Place, settings: Settings, cuts: Sequence[float], seconds: Sequence[float | None]
) -> list[dict[str, Any]]:
    """Makes one result from the pieces, or from the whole clip where something is unusual about it.

    Args:
        source: a long clip.
        place: the target folder.
        settings: what is done to it.
        cuts: where it was cut.
        seconds: what `work_piece` returned for each piece.

    Returns:
        A list that holds only the row of the manifest, since `work` returns a list, too.
    """

    def from_pieces(file: Path, source: Source, place: Place, settings: Settings) -> Result:
        paths = [_piece_path(source, place, number) for number in range(len(seconds))]
        about = [each for each in map(read_about, paths) if each]
        if len(about) < len(paths):
            raise PosekitError(f"{len(paths) - len(about)} of its {len(paths)} pieces are missing")
        frames, tracks = joined([(each["times"], read_table(path)) for each, path in zip(about, paths, strict=True)], cuts)
        facts = {**about[0]["facts"], "frames": frames, "cuts": list(cuts), "seconds": sum(filter(None, seconds))}
        return tracks, {**facts, "duration": round(frames / facts["fps"], 3)}

    row = new_row(source) if None in seconds else _row(source, place, settings, from_pieces)
    if row["state"] != "done":
        row = _row(source, place, settings, _clip)
    for number in range(len(seconds)):
        _piece_path(source, place, number).unlink(missing_ok=True)
    return [row]


def _piece_path(source: Source, place: Place, number: int) -> Place:
    return result_path(place, source.address, "pieces", f"-{number}.parquet")


def _piece_key(source: Source, settings: Settings, cuts: Sequence[float], number: int) -> dict[str, Any]:
    return {"source": asdict(source), "settings": settings.about(), "cuts": list(cuts), "number": number}


@functools.cache
def loaded(model: str, sha256: str) -> PoseModel:
    """The model of this process, with one thread: one process per core is faster than one process with as many threads.

    Raises:
        PosekitError: this machine has another model under that name, or none.
    """
    if (ours := model_sha256(model)) != sha256:
        raise PosekitError(f"{socket.gethostname()} has another model {model}: its SHA-256 is {ours}, not {sha256}")
    return load_model(model, threads=1)


def model_sha256(model: str) -> str:
    """The SHA-256 of a model's file in hexadecimal; for `"crowd"` two of them, joined by `+`. Fetches missing files.

    Raises:
        UnknownModelError: there is no such model.
        DownloadError: it cannot be fetched.
    """
    names = ("multipose", "thunder") if model == "crowd" else (model,)
    files = [models.fetch(name) if name in models.CATALOGUE else Path(name) for name in names]
    try:
        return "+".join(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    except OSError:
        load_model(model)  # its error says which models there are
        raise


def obstacle(place: Place, settings: Settings) -> str:
    """Why this worker cannot take part, in words; empty where it can."""
    try:
        loaded(settings.model, settings.model_sha256)
    except (PosekitError, OSError) as error:
        return str(error)
    try:
        with in_words(f"read the target {shown(place)}"):
            seen = (place / MANIFEST).is_file()
    except PosekitError as error:
        return str(error)
    return "" if seen else f"{socket.gethostname()} does not see the target {shown(place)}; name a folder that all machines share"


def _whole_or_cuts(file: Path, source: Source, place: Place, settings: Settings) -> Result | list[float]:
    if source.is_picture:
        return _picture(file, settings)
    from posekit.video import read_video

    if not settings.annotated and (video := read_video(file)).seeks and (cuts := cuts_of(len(video), video.fps)):
        return cuts
    return _clip(file, source, place, settings)


def _picture(file: Path, settings: Settings) -> Result:
    poses = loaded(settings.model, settings.model_sha256)(read_image(file))
    found = replace(poses, id=np.arange(1, len(poses) + 1))
    return tracks_to_pandas([0.0], [found]), {"frames": 1, "size": list(found.size), "fps": None, "duration": None}


def _clip(file: Path, source: Source, place: Place, settings: Settings) -> Result:
    from posekit.video import annotate_video, track_video

    model, told = loaded(settings.model, settings.model_sha256), _reporter(source.address)
    if settings.annotated:
        target = result_path(place, source.address, "clips", ".mp4")
        with replacing(target) as part:
            tracks = annotate_video(file, part, model=model, smooth=settings.smooth, progress=told, overwrite=True)
    else:
        tracks = track_video(file, model=model, smooth=settings.smooth, progress=told)
    facts = {str(name): value for name, value in tracks.attrs.items()}
    return tracks, {**facts, "duration": round(facts["frames"] / facts["fps"], 3)}


def _count(tracks: pandas.DataFrame, place: Place, source: Source, exercise: str | Exercise) -> None:
    from posekit.motion import repetitions

    about = {"source": source.address, "exercise": find_exercise(exercise).name}
    write_table(repetitions(tracks, exercise), result_path(place, source.address, "repetitions"), source.address, about)


def _reporter(address: str, piece: int = 0) -> Callable[[int, int], None]:
    """A function that tells the client, at most once a second, how many frames of a clip or a piece are done, and of how many."""
    from distributed.worker import get_worker

    try:
        worker = get_worker()
    except ValueError:  # this process is not a worker
        return lambda done, total: None
    next_time = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal next_time
        if (now := time.monotonic()) >= next_time:
            next_time = now + REPORT_EVERY
            worker.log_event(TOPIC, [address, piece, done, total])

    return tell
