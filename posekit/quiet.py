"""Keeps the log lines of C++ libraries out of terminals and notebooks."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

#: All threads share the descriptor: a second thread would save what the first has put there, and restore that for good.
#: The lock is reentrant, since a model may be loaded inside a block that is already quiet.
_QUIET = threading.RLock()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Drops what is written to file descriptor 2 in the block, such as LiteRT's "Created TensorFlow Lite XNNPACK delegate".

    C++ writes such lines straight to the descriptor: the runtime has no setting that silences them, and TensorFlow's
    settings take effect only after it is loaded. Exceptions pass through, and so does, in a notebook, what Python prints.
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
    # No fork while the descriptor is redirected: the child would stay silent.
    os.register_at_fork(before=_QUIET.acquire, after_in_parent=_QUIET.release, after_in_child=_QUIET.release)
