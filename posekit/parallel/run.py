"""`batch`: many clips and pictures on the cores of this machine, or on a Dask cluster.

Dask schedules the work in both cases. Workers write the results themselves; only a row about each source comes back. A second run
reads from the results what has been done, however the first one ended.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from multiprocessing import spawn
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit import models
from posekit.errors import PosekitError, require
from posekit.motion.exercises import Exercise, find_exercise
from posekit.parallel.frames import FrameCount
from posekit.parallel.ledger import Ledger
from posekit.parallel.place import Place, find_place
from posekit.parallel.results import Settings, check, prepare, recall, save_manifest, table_of
from posekit.parallel.schedule import rows_of
from posekit.parallel.work import TOPIC, model_sha256, obstacle
from posekit.progress import progress as progress_bar

if TYPE_CHECKING:
    import pandas

#: The least time between two manifests during a run: in seconds, and as a multiple of the time that the last one took.
MANIFEST_EVERY, MANIFEST_SHARE = 10.0, 20.0

#: A source that has killed this many workers is set aside.
MAX_KILLED = 3

#: `worker-saturation`: no task waits at a worker, since it would be blamed, too, when the worker dies.
#: `lost-worker-timeout`: LocalCluster would give up a killed worker that is not back within 15 s, as can happen on a busy computer.
_LOCAL_SCHEDULER = {
    "distributed.scheduler.allowed-failures": MAX_KILLED - 1,
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.deploy.lost-worker-timeout": "1 day",
}

#: What each process on this machine runs first: Ctrl-C reaches all programs in a terminal, but this one ends the others in order.
_PRELOAD = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"

#: How the names of Dask's worker processes begin.
_WORKER = "Dask Worker"

_VERSION = version("posekit")


def batch(
    sources: str | Path | Iterable[str | Path],
    target: str | Place,
    *,
    model: str = "lightning",
    client: Any = None,
    workers: int | None = None,
    smooth: bool = True,
    exercise: str | Exercise | None = None,
    annotated: bool = False,
    retry_failed: bool = False,
    force: bool = False,
    progress: bool = True,
) -> pandas.DataFrame:
    """Tracks the people in many clips and pictures. A second run does only what is missing or has changed.

    The results go into `target`: a Parquet file for each source in `tracks/`, which together are one data set
    (`pandas.read_parquet("target/tracks")`); `repetitions/` and `clips/`, where they are requested; and `manifest.csv`, with a row
    for each source of this run and of all other runs into this target.

    Args:
        sources: files; folders, with everything below them; patterns such as `"clips/*.mp4"`; addresses that fsspec knows (`s3://…`).
        target: a folder that all workers can write to, which is created if it is missing; or an address such as
            `s3://bucket/tracks`, to which all of them have access (with their own credentials, as fsspec finds them). A `UPath`
            may carry what its file system needs.
        model: a name for `load_model`, or the path of a .tflite file that all workers can read.
        client: a `distributed.Client`; by default the work is done on this machine.
        workers: how many processes work on this machine; by default one for each core.
        smooth: whether to remove jitter from clips.
        exercise: an exercise whose repetitions are counted, too; see `repetitions`. One of your own is recognised by its name and
            numbers: after a change of its functions, give it another name, or use `force`.
        annotated: whether to write the clips with their skeletons, too.
        retry_failed: whether to try again what failed before.
        force: whether to do everything again.
        progress: whether to show a bar.

    Returns:
        The rows of the manifest for these sources: source, state (`"done"` or `"failed"`), error (why it failed; or what was
        unusual about it, such as a clip that breaks off), frames, people, seconds, worker, result, bytes, changed.

    Raises:
        PosekitError: there are no sources or no workers; the target holds something else; or the model or the cluster cannot be
            used. What was done until then is kept.
    """
    for package in ("distributed", "pyarrow", "pandas", "av", "fsspec"):
        require(package, extra="batch")
    if workers is not None and (client or workers < 1):
        raise PosekitError(
            "a cluster has its own workers; leave workers out" if client else f"workers must be 1 or more, not {workers}"
        )
    is_file = model != "crowd" and model not in models.CATALOGUE and Path(model).exists()
    name = str(Path(model).absolute()) if is_file else model
    settings = Settings(name, model_sha256(name), smooth, exercise, annotated)
    if exercise is not None:
        find_exercise(exercise)  # so that a wrong name ends the run before it begins
    place = find_place(target)
    check(place)
    with contextlib.closing(Ledger([sources] if isinstance(sources, (str, Path)) else sources, place)) as ledger:
        prepare(place)
        if not force:
            recall(place, ledger, settings, retry_failed=retry_failed)
        _run(ledger, place, settings, client, workers, progress)
        return table_of(ledger.rows(others=False))


def _run(ledger: Ledger, place: Place, settings: Settings, client: Any, workers: int | None, progress: bool) -> None:
    """Does what is missing in the ledger, and writes the manifest from time to time and at the end."""

    def manifest() -> float:
        begun = time.monotonic()
        save_manifest(place, ledger)
        took = time.monotonic() - begun
        return begun + took + max(MANIFEST_EVERY, MANIFEST_SHARE * took)

    try:
        if any(ledger.waiting_size()):
            with contextlib.nullcontext(client) if client else _local(workers or os.cpu_count() or 1) as client:
                _check_workers(client, place, settings)
                next_manifest = time.monotonic() + MANIFEST_EVERY
                for row in _shown(client, ledger, place, settings, progress):
                    ledger.add(row)
                    if time.monotonic() > next_manifest:
                        next_manifest = manifest()
    finally:  # even if it is interrupted
        manifest()


@contextlib.contextmanager
def _local(workers: int) -> Iterator[Any]:
    """Starts processes on this machine, with one thread each, which end with the block."""
    dask, distributed = require("dask", extra="batch"), require("distributed", extra="batch")
    settings: dict[str, Any] = {"threads_per_worker": 1, "dashboard_address": ":0", "memory_limit": 0, "preload": _PRELOAD}
    settings["silence_logs"] = logging.ERROR  # each worker that is stopped in the middle of its work would warn of it
    with (
        _main_left_out(),
        dask.config.set(_LOCAL_SCHEDULER),
        distributed.LocalCluster(n_workers=workers, **settings) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@contextlib.contextmanager
def _main_left_out() -> Iterator[None]:
    """Workers that start meanwhile do not run the user's program, as multiprocessing has new processes do.

    Without `if __name__ == "__main__":` all that comes before `batch` would happen again in each of them, and then `batch` itself.
    They miss nothing: Dask sends functions of the program by value.
    """
    complete = spawn.get_preparation_data

    def without_main(name: str) -> dict[str, Any]:
        found = complete(name)
        return {key: found[key] for key in found if not (name.startswith(_WORKER) and key.startswith("init_main"))}

    spawn.get_preparation_data = without_main
    try:
        yield
    finally:
        spawn.get_preparation_data = complete


def _check_workers(client: Any, place: Place, settings: Settings) -> None:
    """Checks that every worker has this version of posekit and this model, and can reach the target.

    Raises:
        PosekitError: there are no workers, or one cannot take part.
    """
    others = _asked(client, version, "posekit")
    if not others:
        raise PosekitError("the cluster has no workers; start some, or wait for them")
    if wrong := sorted({other for other in others.values() if other != _VERSION}):
        raise PosekitError(
            f"here is posekit {_VERSION}, on the cluster posekit {', '.join(wrong)}; install the same version on both"
        )
    for address, trouble in _asked(client, obstacle, place, settings).items():
        if trouble:
            raise PosekitError(f"the worker {address} cannot take part: {trouble}")


def _asked(client: Any, question: Callable[..., str], *arguments: Any) -> dict[str, str]:
    """The answer of each worker, by its address; those that are gone do not answer."""
    try:
        answers = client.run(question, *arguments, on_error="return")
    except Exception as error:  # a cluster that is gone raises errors of all kinds
        raise PosekitError(f"the cluster does not answer: {type(error).__name__}: {error}") from error
    for address, answer in answers.items():
        if isinstance(answer, Exception) and not isinstance(answer, OSError):  # such as that of a worker without posekit
            raise PosekitError(f"the worker {address} cannot use posekit: {type(answer).__name__}: {answer}")
    return {address: answer for address, answer in answers.items() if isinstance(answer, str)}


def _shown(client: Any, ledger: Ledger, place: Place, settings: Settings, shown: bool) -> Iterator[dict[str, Any]]:
    """Yields the rows as they arrive, with a bar that counts frames."""
    pictures, _, clip_bytes = ledger.waiting_size()
    count, failed = FrameCount(pictures, clip_bytes), 0
    client.subscribe_topic(TOPIC, lambda event: count.tell(*event[1]))
    with (
        contextlib.closing(rows_of(client, count.begin(ledger.waiting()), place, settings)) as rows,
        progress_bar("batch", None, "frame", shown=shown) as bar,
    ):
        for row in rows:
            if row is not None:
                count.finish(row)
                failed += row["state"] == "failed"
                bar.set_postfix(failed=failed, refresh=False)
                yield row
            bar.total = count.total
            bar.update(count.now - bar.n)
    client.unsubscribe_topic(TOPIC)
