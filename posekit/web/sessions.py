"""Live pictures of many visitors: each has a session, which is kept in memory for seconds. No frame is ever stored."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from posekit.errors import PosekitError
from posekit.motion import LiveMovement
from posekit.pose import Poses
from posekit.track import LiveTracker
from posekit.web.limits import BusyError, Limit
from posekit.web.pool import ModelPool

#: The most live pictures at the same time, in total and of one visitor.
MAX_SESSIONS = 32
MAX_VISITOR_SESSIONS = 16

#: Seconds without a good frame after which a session ends. By then its tracks have expired.
SESSION_TIMEOUT = 5.0

#: The most frames that are processed at the same time. The front end keeps up to eight in flight if the server is far away.
MAX_FRAMES = 24
MAX_VISITOR_FRAMES = 16
MAX_SESSION_FRAMES = 8

#: How many of those may be for models other than the default, so that the rest never wait for a slow model.
MAX_OTHER_FRAMES = 12
MAX_VISITOR_OTHER_FRAMES = 8

#: Seconds after which an unused model other than the default may be dropped; loading it again takes less than one.
MODEL_LIFETIME = 30.0

_FULL = "too many live pictures at once: this server is busy. Please try again later."


@dataclass
class _Session:
    """One live picture. Hold `lock` to access `tracker`, `model`, `seq` and `response`."""

    visitor: str
    seen: float = 0.0
    model: str = ""
    tracker: LiveTracker | None = None
    counted: tuple[str, int] = ("", 0)
    movement: LiveMovement = field(default_factory=LiveMovement)
    seq: int = 0
    response: dict[str, Any] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def handle(self, jpeg: bytes, request: Mapping[str, Any], pool: ModelPool) -> dict[str, Any]:
        """The response to a frame; the frames of a session are processed one after another.

        A model is held for all of the work, not only for the look: more frames in progress than models would only slow each other
        down, and visitors take turns only at the models.
        """
        with self.lock:
            if request["seq"] <= self.seq:  # one request overtook another: the newer frame's response is better
                return self.response
            with pool.checkout(self.visitor) as model:
                if self.tracker is None or self.model != request["model"]:
                    self.tracker, self.model = LiveTracker(model), request["model"]
                self.tracker.model, self.tracker.smooth = model, request["smooth"]
                poses, response = self.tracker.handle(jpeg, request)
            self.response = response | self._moved(poses, request)
            self.seq = request["seq"]
            return self.response

    def _moved(self, poses: Poses, request: Mapping[str, Any]) -> dict[str, Any]:
        """What the people do, if the page requests it; another exercise or another round restarts at 0."""
        counted = request.get("exercise", ""), request.get("round", 0)
        if counted != self.counted:
            self.movement, self.counted = LiveMovement(counted[0]), counted
        return {"movement": self.movement.update(poses, float(request["time"]))} if counted[0] else {}


class Sessions:
    """The visitors of the live page.

    Every model has its own pool, so that visitors who wait for a slow one do not delay those with a fast one.

    Args:
        models: the names of all models that are offered, the default first.
        count: how many copies of the default are loaded; of every other model, one is loaded on the first request.
        live: the models that a visitor may choose for a live picture; by default all.
        default: what `load_model` takes for the default, if that is not its name.
        clock: returns the time in seconds.
    """

    def __init__(
        self,
        models: tuple[str, ...],
        *,
        count: int,
        live: tuple[str, ...] | None = None,
        default: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.models, self.live = models, live or models
        self._pools = {models[0]: ModelPool(default or models[0], count)}
        self._loading = threading.Lock()
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, _Session] = {}
        self._frames = Limit(MAX_FRAMES, MAX_VISITOR_FRAMES, _FULL)
        self._session_frames = Limit(MAX_FRAMES, MAX_SESSION_FRAMES, _FULL)
        self._other_frames = Limit(MAX_OTHER_FRAMES, MAX_VISITOR_OTHER_FRAMES, _FULL)

    def handle(self, jpeg: bytes, request: Any, visitor: str) -> dict[str, Any]:
        """The response to a frame. A session begins with its first good frame, so bad requests do not take places.

        Args:
            jpeg: the square.
            request: as for `LiveTracker.handle`; and `session`, 32 hexadecimal digits that the page has chosen; `seq`, an
                increasing number; `model`; `smooth`; and to count repetitions, `exercise` and `round`, a number whose change
                restarts the count at 0.
            visitor: who sent it, for the limits.

        Raises:
            PosekitError: the request or the JPEG is wrong.
            BusyError: there are too many visitors or frames.
        """
        key = _checked(request, self.live)
        others = request["model"] != self.models[0]
        with self._frames.place(visitor), self._session_frames.place(key), self._other_frames.place(visitor, int(others)):
            session = self._find(key, visitor)
            response = session.handle(jpeg, request, self.pool(request["model"]))
            self._keep(key, session)
            return response

    def __len__(self) -> int:
        return len(self._sessions)

    def pool(self, model: str) -> ModelPool:
        """Copies of a model that is offered; models other than the default are loaded on request, and dropped by `drop_idle`."""
        if pool := self._pools.get(model):
            return pool
        with self._loading:  # users of other models do not wait for this
            if model not in self._pools:
                self._pools[model] = ModelPool(model, 1, clock=self._clock)
            return self._pools[model]

    def drop_idle(self) -> None:
        """Drops the models other than the default that nobody has used for `MODEL_LIFETIME`."""
        with self._loading:
            for model in self.models[1:]:
                if model in self._pools and self._pools[model].idle >= MODEL_LIFETIME:
                    del self._pools[model]
        with self._lock:
            self._drop_silent()  # their trackers hold models, too

    def _find(self, key: str, visitor: str) -> _Session:
        """The session with that key, or a new one, which does not count yet."""
        with self._lock:
            self._drop_silent()
            if key not in self._sessions:
                self._check_room(visitor)
            return self._sessions.get(key) or _Session(visitor)

    def _keep(self, key: str, session: _Session) -> None:
        with self._lock:
            if key not in self._sessions:
                self._check_room(session.visitor)
            self._sessions.setdefault(key, session).seen = self._clock()

    def _drop_silent(self) -> None:
        now = self._clock()
        for key in [key for key, session in self._sessions.items() if now - session.seen > SESSION_TIMEOUT]:
            del self._sessions[key]

    def _check_room(self, visitor: str) -> None:
        own = sum(session.visitor == visitor for session in self._sessions.values())
        if len(self._sessions) >= MAX_SESSIONS or own >= MAX_VISITOR_SESSIONS:
            raise BusyError(_FULL)


def _checked(request: Any, models: tuple[str, ...]) -> str:
    """The session's key, if the request is valid."""
    if not isinstance(request, Mapping):
        raise PosekitError("a frame needs a request: a JSON object")
    key, seq, model, smooth = (request.get(name) for name in ("session", "seq", "model", "smooth"))
    if not isinstance(key, str) or not re.fullmatch("[0-9a-f]{32}", key):
        raise PosekitError("a frame needs a session: 32 hexadecimal digits")
    if type(seq) is not int or not 0 < seq < 2**53 or type(smooth) is not bool:
        raise PosekitError("a frame needs a number seq from 1 on, and smooth, true or false")
    exercise, number = request.get("exercise", ""), request.get("round", 0)
    if not isinstance(exercise, str) or type(number) is not int:
        raise PosekitError("a frame's exercise is a name, and its round is a number")
    if model not in models:
        raise PosekitError(f"there is no model {model!r} here; there are: {', '.join(models)}")
    return key
