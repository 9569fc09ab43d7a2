"""Stopping on request without losing finished work."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

#: The signals that end a program: Ctrl-C, a shutdown, a closed terminal. Not every system has all of them.
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Stop:
    """Whether a stop has been requested; stays true from then on."""

    def __init__(self) -> None:
        self.signal: int | None = None

    def __bool__(self) -> bool:
        return self.signal is not None

    def ask(self, number: int, frame: FrameType | None) -> None:
        """Handles a signal. A second Ctrl-C takes effect at once."""
        if self.signal is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = self.signal or number


@contextmanager
def stopping() -> Iterator[Stop]:
    """Holds back Ctrl-C, SIGTERM and SIGHUP during the block, which can check for them; they take effect after it.

    Ignored signals, as under nohup, stay ignored. Outside the main thread, the only one that receives signals, nothing changes.
    """
    stop, before = Stop(), _handled()
    try:
        for number in before:
            signal.signal(number, stop.ask)
    except ValueError:  # not in the main thread
        before = {}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if stop.signal is not None:
        signal.raise_signal(stop.signal)


def _handled() -> dict[int, Any]:
    """The handlers of the signals that are not ignored; None stands for one that was not installed from Python."""
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    return {number: handler for number, handler in handlers.items() if handler not in (signal.SIG_IGN, None)}
