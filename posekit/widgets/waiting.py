"""Lets a cell wait for what the browser sends."""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Callable


def wait_for(done: Callable[[], bool], seconds: float, heard: threading.Condition, *, same_thread: bool) -> bool:
    """Waits until `done`, while the browser's messages are being handled.

    Args:
        done: the condition, checked again after each message.
        seconds: how long to wait at most.
        heard: notified after each message.
        same_thread: whether messages are handled in this thread, as in older kernels, rather than in a separate one.

    Returns:
        Whether `done` returned true in time.
    """
    if not same_thread:
        with heard:
            return heard.wait_for(done, seconds)
    # In an older kernel or front end, messages wait until the cell lets them in (ipykernel 7.4 without subshells does not).
    from jupyter_ui_poll import ui_events

    until = clock.monotonic() + seconds
    with ui_events() as poll:
        while not done() and clock.monotonic() < until:
            poll(10)
            clock.sleep(0.002)
    return done()
