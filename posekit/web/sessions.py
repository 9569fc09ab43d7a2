"""Live pictures of many visitors: each has a session, in memory and for seconds. No frame is ever stored."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from posekit.errors import PosekitError
from posekit.estimate import PoseModel
from posekit.track import LiveTracker
from posekit.web.pool import BusyError, ModelPool

#: Visitors at the same time.
MAX_SESSIONS = 32

#: Seconds without a frame after which a session is forgotten. What it knew, a person's track, is older than it lives by then.
SESSION_TIMEOUT = 5.0

#: Frames that may wait for one thread: two of each visitor, as the front end keeps it, for some.
WAITING = 16


@dataclass
class _Session:
    """One visitor's picture. Only the lane's single thread looks at `live`, `model`, `seq` and `answer`."""

    lane: ModelPool
    seen: float = 0.0
    model: str = ""
    live: LiveTracker | None = None
    seq: int = 0
    answer: dict[str, Any] = field(default_factory=dict)


class Sessions:
    """The visitors of the live page.

    Args:
        models: names that a visitor may choose from, the usual one first.
        lanes: threads with models; a session stays in one, so its frames come one after the other.
        clock: seconds.
    """

    def __init__(self, models: tuple[str, ...], *, lanes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.models = models
        self._lanes = [ModelPool(models[0], count=1, waiting=WAITING) for _ in range(lanes)]
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, _Session] = {}

    def answer(self, jpeg: bytes, question: Mapping[str, Any]) -> dict[str, Any]:
        """What a frame is answered with.

        Args:
            jpeg: the square.
            question: as of `LiveTracker.handle`; and `session`, 32 hexadecimal digits that the page made up; `seq`,
                a number that rises; `model`; `smooth`.

        Raises:
            PosekitError: the question, or the JPEG, is wrong.
            BusyError: there are too many visitors, or frames.
        """
        key, seq, model, smooth = _checked(question, self.models)
        session = self._session(key)

        def see(loaded: PoseModel) -> dict[str, Any]:
            if seq <= session.seq:  # two requests overtook each other: the newer frame's answer is the better one
                return session.answer
            if session.live is None or session.model != model:
                session.live, session.model = LiveTracker(loaded), model
            session.seq, session.live.smooth = seq, smooth
            session.answer = session.live.handle(jpeg, question)[1]
            return session.answer

        return session.lane.run(see, model)

    def __len__(self) -> int:
        return len(self._sessions)

    def close(self) -> None:
        """Ends the threads."""
        for lane in self._lanes:
            lane.close()

    def _session(self, key: str) -> _Session:
        now = self._clock()
        with self._lock:
            for other in [each for each, session in self._sessions.items() if now - session.seen > SESSION_TIMEOUT]:
                del self._sessions[other]
            if key not in self._sessions:
                if len(self._sessions) >= MAX_SESSIONS:
                    raise BusyError(f"{MAX_SESSIONS} people look at their live picture here already; please try again later.")
                used = [session.lane for session in self._sessions.values()]
                self._sessions[key] = _Session(min(self._lanes, key=used.count))
            self._sessions[key].seen = now
            return self._sessions[key]


def _checked(question: Any, models: tuple[str, ...]) -> tuple[str, int, str, bool]:
    if not isinstance(question, Mapping):
        raise PosekitError("a frame needs a question: a JSON object")
    key, seq, model, smooth = (question.get(name) for name in ("session", "seq", "model", "smooth"))
    if not isinstance(key, str) or not re.fullmatch("[0-9a-f]{32}", key):
        raise PosekitError("a frame needs a session: 32 hexadecimal digits")
    if type(seq) is not int or not 0 < seq < 2**53 or type(smooth) is not bool:
        raise PosekitError("a frame needs a number seq from 1 on, and smooth, true or false")
    if model not in models:
        raise PosekitError(f"there is no model {model!r} here; there are: {', '.join(models)}")
    return key, seq, model, smooth
