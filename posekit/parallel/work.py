"""What a worker does with a source, on whichever machine it is."""

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
from posekit.parallel.results import MANIFEST, Settings, result_path, write_table
from posekit.parallel.sources import Source, fetch_source
from posekit.pose import tracks_to_pandas

if TYPE_CHECKING:
    import pandas

#: The topic of Dask's events that tell how many frames of a clip are done, and the seconds between two of them.
TOPIC, REPORT_EVERY = "posekit-frames", 1.0


def work(sources: Sequence[Source], place: Path, settings: Settings) -> list[dict[str, Any]]:
    """Processes some sources one after the other. A broken one stops none of the others.

    Returns:
        A row of the manifest for each.
    """
    return [_row(source, place, settings) for source in sources]


def new_row(source: Source) -> dict[str, Any]:
    """A row of the manifest for a source that nothing has come of yet."""
    row = {"source": source.address, "state": "failed", "error": "", "frames": 0, "people": 0, "seconds": 0.0}
    return row | {"worker": "", "result": "", "bytes": source.bytes, "changed": source.changed}


def _row(source: Source, place: Path, settings: Settings) -> dict[str, Any]:
    begun = time.perf_counter()
    row = new_row(source) | {"worker": f"{socket.gethostname()}:{os.getpid()}"}
    try:
        with tempfile.TemporaryDirectory(prefix="posekit-", ignore_cleanup_errors=True) as scratch:
            file = fetch_source(source.address, Path(scratch))
            tracks, facts = (_picture if source.is_picture else _clip)(file, place, source, settings)
        target = result_path(place, source.address)
        row |= {"frames": facts["frames"], "people": int(tracks["id"].nunique()), "result": str(target.relative_to(place))}
        row |= {"state": "done", "seconds": round(time.perf_counter() - begun, 3)}
        about = {"row": row, "settings": asdict(settings), "posekit": version("posekit"), **facts}
        write_table(tracks, target, source.address, about)
    except Exception as error:  # a decoder may raise anything at what it does not know
        text = str(error) or type(error).__name__
        text = text if isinstance(error, (PosekitError, OSError)) else f"{type(error).__name__}: {text}"
        row |= {"state": "failed", "error": text, "frames": 0, "people": 0, "result": ""}
    return row


@functools.cache
def loaded(model: str, sha256: str) -> PoseModel:
    """One model a process, with one thread: as many processes as cores are faster than one process with as many threads.

    Raises:
        PosekitError: this machine has another model under that name, or none.
    """
    if (ours := model_sha256(model)) != sha256:
        raise PosekitError(f"{socket.gethostname()} has another model {model}: its SHA-256 is {ours}, not {sha256}")
    return load_model(model, threads=1)


def model_sha256(model: str) -> str:
    """The SHA-256 of a model's file, in hexadecimal digits; two of them, joined by `+`, for `"crowd"`. Fetches what is missing.

    Raises:
        UnknownModelError: there is no such model.
        DownloadError: it cannot be fetched.
    """
    names = ("multipose", "thunder") if model == "crowd" else (model,)
    files = [models.fetch(name) if name in models.CATALOGUE else Path(name) for name in names]
    try:
        return "+".join(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    except OSError:
        load_model(model)  # its error says what there is
        raise


def obstacle(place: Path, settings: Settings) -> str:
    """Why this worker cannot take part, in words; nothing where it can."""
    try:
        loaded(settings.model, settings.model_sha256)
    except (PosekitError, OSError) as error:
        return str(error)
    if not (place / MANIFEST).is_file():
        return f"{socket.gethostname()} does not see the target {place}; name a folder that all machines share"
    return ""


def _picture(file: Path, place: Path, source: Source, settings: Settings) -> tuple[pandas.DataFrame, dict[str, Any]]:
    poses = loaded(settings.model, settings.model_sha256)(read_image(file))
    found = replace(poses, id=np.arange(1, len(poses) + 1))
    return tracks_to_pandas([0.0], [found]), {"frames": 1, "size": list(found.size), "fps": None, "duration": None}


def _clip(file: Path, place: Path, source: Source, settings: Settings) -> tuple[pandas.DataFrame, dict[str, Any]]:
    from posekit.video import annotate_video, track_video

    model, told = loaded(settings.model, settings.model_sha256), _reporter(source.address)
    if settings.annotated:
        target = result_path(place, source.address, "clips", ".mp4")
        target.parent.mkdir(exist_ok=True)
        tracks = annotate_video(file, target, model=model, smooth=settings.smooth, progress=told, overwrite=True)
    else:
        tracks = track_video(file, model=model, smooth=settings.smooth, progress=told)
    if settings.exercise is not None:
        _count(tracks, place, source, settings.exercise)
    facts = {str(name): value for name, value in tracks.attrs.items()}
    return tracks, {**facts, "duration": round(facts["frames"] / facts["fps"], 3)}


def _count(tracks: pandas.DataFrame, place: Path, source: Source, exercise: str) -> None:
    from posekit.motion import repetitions

    about = {"source": source.address, "exercise": exercise}
    write_table(repetitions(tracks, exercise), result_path(place, source.address, "repetitions"), source.address, about)


def _reporter(address: str) -> Callable[[int, int], None]:
    """A function that tells the client how many frames of a clip are done, and of how many, but not too often."""
    from distributed.worker import get_worker

    try:
        worker = get_worker()
    except ValueError:  # this process is no worker
        return lambda done, total: None
    next_time = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal next_time
        if (now := time.monotonic()) >= next_time:
            next_time = now + REPORT_EVERY
            worker.log_event(TOPIC, [address, done, total])

    return tell
