"""Loaded models that requests share."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from heapq import heappop, heappush

import numpy as np

from posekit.estimate import PoseModel, load_model


class ModelPool:
    """Loaded models. A request checks one out and returns it, so no two requests ever use the same one at once.

    Visitors who wait for one take turns, however many requests each of them has: this is start-time fair queuing (Goyal, Vin and
    Cheng 1996), with one unit for each request. How many may wait is limited where requests arrive; see `posekit.web.limits`.

    Args:
        model: a name for `load_model`.
        count: how many copies are loaded, each with one thread, so that together they use as many cores.
        clock: returns the time in seconds.

    Attributes:
        name: the model's name.

    Raises:
        PosekitError: the model cannot be loaded.
    """

    def __init__(self, model: str, count: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._idle = [_loaded(model) for _ in range(count)]
        self._count = count
        self._clock = clock
        self._used = clock()  # when a model was last returned
        self._waiting: list[tuple[int, int, Future[PoseModel]]] = []  # a heap: the round, the order in the round
        self._numbers = itertools.count()
        self._round = 0  # the round of the last request that got a model
        self._next: dict[str, int] = {}  # the round of a visitor's next request, if it lies ahead
        self._lock = threading.Lock()
        self.name = self._idle[0].name

    @property
    def idle(self) -> float:
        """How many seconds ago a model was last in use; 0 while one is in use."""
        with self._lock:
            return self._clock() - self._used if len(self._idle) == self._count else 0.0

    @contextmanager
    def checkout(self, visitor: str = "") -> Iterator[PoseModel]:
        """Gives the caller exclusive use of a model until the block ends.

        Args:
            visitor: the visitor whose turn this takes.
        """
        model = self._take(visitor)
        try:
            yield model
        finally:
            with self._lock:
                self._idle.append(model)  # the last one used comes first, since its caches are warm
                self._used = self._clock()
                self._serve()

    def _take(self, visitor: str) -> PoseModel:
        given: Future[PoseModel] = Future()
        with self._lock:
            turn = max(self._next.get(visitor, 0), self._round)
            self._next[visitor] = turn + 1
            heappush(self._waiting, (turn, next(self._numbers), given))
            self._serve()
        return given.result()

    def _serve(self) -> None:
        while self._idle and self._waiting:
            self._round, _, given = heappop(self._waiting)
            given.set_result(self._idle.pop())
        self._next = {visitor: turn for visitor, turn in self._next.items() if turn > self._round}


def _loaded(name: str) -> PoseModel:
    model = load_model(name, threads=1)
    model(np.zeros((32, 32, 3), np.uint8))  # the first call takes ten times as long, for which no visitor should wait
    return model
