"""Waits for what another thread or process does, however slow the machine is."""

import time


def eventually(condition, seconds=600):
    """Whether `condition()` becomes true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
