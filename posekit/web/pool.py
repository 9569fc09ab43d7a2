"""Threads that find poses, each with models of its own, behind a queue that cannot grow."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from posekit.errors import PosekitError
from posekit.estimate import PoseModel, load_model

T = TypeVar("T")


class BusyError(PosekitError):
    """All workers are busy, and as many wait as may."""


class ModelPool:
    """Threads with models of their own, which nobody else touches: requests share them without a race.

    Args:
        model: what each thread loads at once; others it loads when they are asked for.
        count: of the threads. Each interpreter has one thread, so together they use as many cores.
        waiting: how many jobs may wait; one more is refused, so that nobody waits for long.

    Raises:
        PosekitError: the model cannot be loaded.
    """

    def __init__(self, model: str, *, count: int, waiting: int) -> None:
        self.count, self.model = count, model
        self._mine = threading.local()
        self._places = threading.BoundedSemaphore(count + waiting)
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="posekit-worker")
        all_here = threading.Barrier(count)  # else the first thread would take all of these, one after the other
        try:
            for each in [self._pool.submit(self._begin, all_here) for _ in range(count)]:
                each.result()
        except BaseException:
            self.close()
            raise

    def run(self, job: Callable[[PoseModel], T], model: str | None = None) -> T:
        """Does `job(model)` in one of the threads and waits for it.

        Args:
            job: gets the thread's own model.
            model: another name for `load_model` than the usual.

        Raises:
            BusyError: too many wait already.
        """
        if not self._places.acquire(blocking=False):
            raise BusyError("too many pictures at once: this server is busy. Please try again in a moment.")
        try:
            return self._pool.submit(lambda: job(self._own(model or self.model))).result()
        finally:
            self._places.release()

    def close(self) -> None:
        """Ends the threads; jobs that wait are given up."""
        self._pool.shutdown(cancel_futures=True)

    def _begin(self, all_here: threading.Barrier) -> None:
        all_here.wait()
        self._own(self.model)

    def _own(self, name: str) -> PoseModel:
        models: dict[str, PoseModel] = self._mine.__dict__
        if name not in models:
            model = load_model(name, threads=1)
            model(np.zeros((32, 32, 3), np.uint8))  # the first look takes ten times as long: not for a visitor
            models[name] = model
        return models[name]
