"""Loaded models that requests share."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from posekit.estimate import PoseModel, load_model
from posekit.image import RGB, Region
from posekit.pose import Poses


class ModelPool:
    """A queue of loaded models. A request checks one out and puts it back, so no two ever use the same one.

    How many may wait for one is limited where requests come in: see `posekit.web.limits`.

    Args:
        model: a name for `load_model`.
        count: how many copies are loaded, each with one thread: together they use as many cores.

    Raises:
        PosekitError: the model cannot be loaded.
    """

    def __init__(self, model: str, count: int) -> None:
        self._idle: queue.LifoQueue[PoseModel] = queue.LifoQueue()  # the last one used is the warmest
        for _ in range(count):
            self._idle.put(_loaded(model))
        self.shared = PooledModel(self, self._idle.queue[0])

    @contextmanager
    def checkout(self) -> Iterator[PoseModel]:
        """A model for the caller alone, until the block ends."""
        model = self._idle.get()
        try:
            yield model
        finally:
            self._idle.put(model)


class PooledModel:
    """A pool as one model, checked out for each call: a tracker can hold it for as long as its visitor stays."""

    def __init__(self, pool: ModelPool, model: PoseModel) -> None:
        self._pool = pool
        self.name, self.input_size, self.live_size = model.name, model.input_size, model.live_size
        self.max_people, self.default_min_confidence = model.max_people, model.default_min_confidence

    def look(self, image: RGB, region: Region | None = None) -> Poses:
        """As `PoseModel.look`."""
        with self._pool.checkout() as model:
            return model.look(image, region)

    def __call__(self, image: RGB, *, passes: int | None = None, min_confidence: float | None = None) -> Poses:
        """As `PoseModel`."""
        with self._pool.checkout() as model:
            return model(image, passes=passes, min_confidence=min_confidence)


def _loaded(name: str) -> PoseModel:
    model = load_model(name, threads=1)
    model(np.zeros((32, 32, 3), np.uint8))  # the first call takes ten times as long: not at a visitor's expense
    return model
