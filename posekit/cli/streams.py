"""stdout and stderr as shells hand them over: closed, full, read by nobody, or in an encoding without umlauts."""

from __future__ import annotations

import io
import os
import sys


def open_closed() -> None:
    """Lets output to closed streams go nowhere, and escapes characters that a stream's encoding lacks.

    Where descriptor 1 or 2 is closed, the next file that is opened would get that number, and all output with it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.TextIOWrapper(io.FileIO(os.devnull, "w"), encoding="utf-8", errors="backslashreplace"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Writes out what stdout holds back.

    Raises:
        BrokenPipeError: nobody reads any more.
        OSError: it cannot be written, as where the disk is full.
    """
    sys.stdout.flush()


def settle() -> None:
    """Drops what can be written to neither stream, so that Python does not fail on it at its shutdown."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
