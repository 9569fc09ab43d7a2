"""Tasks for Dask's scheduler, and their answers as they arrive. Dask replaces workers that die, and gives their tasks to others."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import Any

from posekit.errors import PosekitError, require
from posekit.parallel.place import Place
from posekit.parallel.results import Settings
from posekit.parallel.sources import Source
from posekit.parallel.work import join_pieces, new_row, work, work_piece

#: How many pictures are in a task: Dask needs about a millisecond for a task, and a picture takes about 20.
BUNDLE = 32

#: How many tasks Dask holds at a time: at least, and per thread of the cluster. Each takes about 20 kB in the main process.
IN_FLIGHT, IN_FLIGHT_PER_THREAD = 32, 4

_GOES_ON = "what was done is kept, and the same call continues from there"

#: Seconds between two checks for answers.
POLL = 0.05

#: How many seconds the cluster may be without a worker, or the client without a scheduler, before the run ends.
WAIT_FOR_WORKERS = 120.0


def rows_of(
    client: Any, sources: Iterable[Source], place: Place, settings: Settings
) -> Generator[dict[str, Any] | None, None, None]:
    """Yields the manifest's row of each source as soon as it is there, and None whenever `POLL` seconds have passed without one.

    Args:
        client: a `distributed.Client`.
        sources: clips, the largest first, then pictures; they are consumed as the work proceeds.
        place: the target.
        settings: what is done to each source.

    Raises:
        PosekitError: there has been no worker, or no scheduler, for too long; or the scheduler is gone, and its tasks with it.
    """
    waiting, most = tasks_of(sources), IN_FLIGHT

    def submitted(tasks: Iterable[list[Source]]) -> dict[Any, list[Source]]:
        return {client.submit(work, task, place, settings, pure=False): task for task in tasks}

    futures = submitted(islice(waiting, most))
    # The rows arrive together with the news that they are ready: later, they might be gone with their worker.
    ready = require("distributed", extra="batch").as_completed(list(futures), with_results=True, raise_errors=False)
    try:
        for done in _polled(ready, client):
            if isinstance(done, int):
                most = max(IN_FLIGHT, IN_FLIGHT_PER_THREAD * done)
                yield None
            else:
                future, answer = done
                if future.status == "cancelled":  # by a scheduler that is gone, which says nothing about the source
                    raise PosekitError(f"the cluster has dropped the work: {_reason(answer)}; {_GOES_ON}")
                task, more = futures.pop(future), {}
                if future.status == "finished":
                    yield from (row for row in answer if "cuts" not in row)
                    long = [(source, row["cuts"]) for source, row in zip(task, answer, strict=True) if "cuts" in row]
                    more = {_in_pieces(client, source, place, settings, cuts): [source] for source, cuts in long}
                elif len(task) > 1:  # one of them kills its worker; alone in a task, it can be named
                    more = submitted([source] for source in task)
                else:
                    yield new_row(task[0]) | {"error": _reason(answer)}
                futures |= more
                ready.update(list(more))
            more = submitted(islice(waiting, max(0, most - len(futures))))
            futures |= more
            ready.update(list(more))
    finally:
        client.cancel(list(futures))


def _in_pieces(client: Any, source: Source, place: Place, settings: Settings, cuts: list[float]) -> Any:
    """A future of the row of a long clip, whose pieces are done before tasks that have not begun."""
    numbers = range(len(cuts) + 1)
    pieces = [client.submit(work_piece, source, place, settings, cuts, number, pure=False, priority=1) for number in numbers]
    return client.submit(join_pieces, source, place, settings, cuts, pieces, pure=False, priority=1)


def tasks_of(sources: Iterable[Source]) -> Iterator[list[Source]]:
    """Groups sources into tasks: clips, which come first, one by one; then pictures in bundles."""
    waiting = iter(sources)
    for source in waiting:
        yield [source, *islice(waiting, BUNDLE - 1)] if source.is_picture else [source]


def _polled(ready: Any, client: Any) -> Iterator[tuple[Any, Any] | int]:
    """Each future that has ended, with its answer; while there is none, the number of the cluster's threads."""
    seen = time.monotonic()
    while not ready.is_empty():
        for done in ready.next_batch(block=False):
            seen = time.monotonic()
            yield done
        workers = client.scheduler_info()["workers"] if client.status == "running" else {}
        yield sum(worker["nthreads"] for worker in workers.values())
        if workers:
            seen = time.monotonic()
        elif time.monotonic() - seen > WAIT_FOR_WORKERS:
            raise PosekitError(_gone(client))
        time.sleep(POLL)


def _gone(client: Any) -> str:
    what = "the scheduler has not answered" if client.status != "running" else "the cluster has had no worker"
    return f"{what} for {WAIT_FOR_WORKERS:g} s; {_GOES_ON}"


def _reason(answer: Any) -> str:
    """Why a task has failed, according to `as_completed`, which gives a triple of type, error and traceback, or an error."""
    error = answer[1] if isinstance(answer, tuple) else answer
    if type(error).__name__ == "KilledWorker":
        return "every worker that tried it died, out of memory or in a decoder"
    return f"{type(error).__name__}: {error}"
