"""Returns memory that the server no longer uses to the system."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable

#: Seconds between two runs. A run takes 0.2 ms where nothing is free, and 40 ms for 300 MB in small pieces (on a busy machine).
INTERVAL = 20.0


class Returner:
    """A thread that returns free memory to the system every now and then, until `close`.

    glibc keeps freed memory for later use: of the 180 MB of `crowd`, it returned 10 to 110 MB by itself, and all of it on request.

    Args:
        free: called before each run, to drop what is no longer used.
        interval: seconds between two runs.
    """

    def __init__(self, free: Callable[[], None], interval: float = INTERVAL) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, args=[free, interval], name="posekit-memory", daemon=True)
        self._thread.start()

    def _run(self, free: Callable[[], None], interval: float) -> None:
        while not self._ended.wait(interval):
            free()
            return_memory()

    def close(self) -> None:
        """Ends the thread."""
        self._ended.set()
        self._thread.join()


def return_memory() -> None:
    """Returns free memory now; systems other than Linux with glibc do so by themselves."""
    if sys.platform == "linux" and hasattr(program := ctypes.CDLL(None), "malloc_trim"):
        program.malloc_trim(0)
