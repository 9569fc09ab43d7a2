"""Keeps the log lines of C++ libraries out of terminals and notebooks."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

#: The descriptor is one for all threads: a second thread would keep what the first has put there, and leave it for ever.
#: The same thread may come again, as where a model is loaded inside.
_QUIET = threading.RLock()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Drops what is written to file descriptor 2 inside, as LiteRT's "Created TensorFlow Lite XNNPACK delegate".

    C++ writes such lines straight to the descriptor: the runtime has no setting that silences them, and TensorFlow's
    are not in force before it is loaded. Exceptions come through; so does, in a notebook, what Python itself prints.
    """
    with _QUIET:
        try:
            kept = os.dup(2)
        except OSError:  # it is closed, as behind `2>&-`
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    # No fork while the descriptor is turned away: the child would stay silent.
    os.register_at_fork(before=_QUIET.acquire, after_in_parent=_QUIET.release, after_in_child=_QUIET.release)
