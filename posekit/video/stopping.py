"""Stopping when asked to, without losing finished work."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

#: What ends a program from outside: Ctrl-C, a shutdown, a closed terminal. Not every system has all of them.
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Stop:
    """Whether somebody asked to stop; true from then on."""

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
    """Holds back Ctrl-C, SIGTERM and SIGHUP during the block, which checks whether one came; they take effect after it.

    Signals that are ignored, as under nohup, stay so. Outside the main thread, the only one that gets signals, nothing changes.
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
    """The handlers of the signals that are not ignored; None is one that Python did not set."""
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    return {number: handler for number, handler in handlers.items() if handler not in (signal.SIG_IGN, None)}
