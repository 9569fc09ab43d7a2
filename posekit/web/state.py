"""What all requests share: models, results, live sessions, the camera and limits."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from flask import current_app

from posekit import models
from posekit.errors import PosekitError
from posekit.models import CATALOGUE
from posekit.web.clips import Clips
from posekit.web.decoding import Decoder
from posekit.web.feed import Feed
from posekit.web.limits import Limit
from posekit.web.memory import Returner
from posekit.web.pool import ModelPool
from posekit.web.results import Result, ResultStore
from posekit.web.sessions import Sessions

#: The most photos in progress at the same time, most of which wait for a model; in total and of one visitor.
MAX_PHOTOS = 12
MAX_VISITOR_PHOTOS = 8


def _photos() -> Limit:
    return Limit(MAX_PHOTOS, MAX_VISITOR_PHOTOS, "too many pictures at once: this server is busy. Please try again in a moment.")


@dataclass(frozen=True)
class AppState:
    """Created once for an application; `close` ends its threads and processes and deletes the results.

    Attributes:
        results: the results of photos.
        clips: the clips in progress, and their results.
        sessions: the sessions of the live page.
        decoder: the decoder of photos.
        feed: the server's own camera.
        memory: drops idle models and returns free memory to the system.
        photos: the limit of photos in progress.
        token: a random text that links to the camera contain, so that only our own pages can show it.
    """

    results: ResultStore[Result]
    clips: Clips
    sessions: Sessions
    decoder: Decoder
    feed: Feed | None
    memory: Returner
    photos: Limit = field(default_factory=_photos)
    token: str = field(default_factory=secrets.token_urlsafe)

    @classmethod
    def start(cls, model: str, camera: str | None, live_models: Sequence[str] = ()) -> AppState:
        """Loads the model, once for each core.

        Raises:
            PosekitError: a model cannot be loaded or is not there, or the camera's clip cannot be read.
        """
        name = Path(model).stem  # of a file, visitors see the name, never the path
        offered = _offered(name)
        if wrong := [name for name in live_models if name not in offered]:
            raise PosekitError(f"there is no model {wrong[0]!r} here for the live page; there are: {', '.join(offered)}")
        cores = os.cpu_count() or 1
        feed = None if camera is None else Feed(camera, model)
        sessions = Sessions(offered, count=cores, live=tuple(live_models), default=model)
        return cls(ResultStore(), Clips(name, model), sessions, Decoder(cores), feed, Returner(sessions.drop_idle))

    def pool(self, model: str) -> ModelPool:
        """Copies of a model that is offered. Photos and live pictures share them, since more would compete for the same cores."""
        return self.sessions.pool(model)

    @property
    def models(self) -> ModelPool:
        """The copies of the default model."""
        return self.pool(self.sessions.models[0])

    def stop(self) -> None:
        """Disconnects the camera's viewers, who would never leave by themselves."""
        if self.feed:
            self.feed.closing = True

    def close(self) -> None:
        """Ends the threads and processes, and deletes the results."""
        if self.feed:
            self.feed.close()
        self.decoder.close()
        self.clips.close()
        self.results.close()
        self.memory.close()


def app_state() -> AppState:
    """The state of the application that answers the request."""
    return cast(AppState, current_app.extensions["posekit"])


def _offered(model: str) -> tuple[str, ...]:
    """The models that a visitor may choose: the default, and those that are already here, so that visitors cause no downloads."""
    here = [name for name in CATALOGUE if models.status(name) in ("official", "converted")]
    crowd = ["crowd"] if {"multipose", "thunder"} <= set(here) else []
    return tuple(dict.fromkeys([model, *here, *crowd]))
