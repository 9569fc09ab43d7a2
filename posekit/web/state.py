"""What all requests share: the workers, the files, the live sessions, the camera."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import cast

from flask import current_app

from posekit import models
from posekit.models import CATALOGUE
from posekit.web.feed import Feed
from posekit.web.pool import ModelPool
from posekit.web.results import ResultStore
from posekit.web.sessions import Sessions

#: Pictures that may wait for a worker.
WAITING = 8


@dataclass(frozen=True)
class AppState:
    """Made once for an application; `close` ends its threads and deletes its files."""

    workers: ModelPool
    medias: ResultStore
    sessions: Sessions
    feed: Feed | None

    @classmethod
    def start(cls, model: str, camera: str | None) -> AppState:
        """Loads the model, once for each core.

        Raises:
            PosekitError: the model cannot be loaded, or the camera's clip not be read.
        """
        cores = os.cpu_count() or 1
        feed = None if camera is None else Feed(camera, model)
        workers = ModelPool(model, count=cores, waiting=WAITING)
        return cls(workers, ResultStore(), Sessions(_offered(model), lanes=max(1, cores // 2)), feed)

    def close(self) -> None:
        """Ends the threads and deletes the files."""
        if self.feed:
            self.feed.close()
        self.sessions.close()
        self.workers.close()
        self.medias.close()


def app_state() -> AppState:
    """Those of the application that answers."""
    return cast(AppState, current_app.extensions["posekit"])


def _offered(model: str) -> tuple[str, ...]:
    """The models that a visitor may choose: the usual one, and what is here already. Visitors do not make it download."""
    here = [name for name in CATALOGUE if models.status(name) in ("official", "converted")]
    crowd = ["crowd"] if {"multipose", "thunder"} <= set(here) else []
    return tuple(dict.fromkeys([model, *here, *crowd]))
