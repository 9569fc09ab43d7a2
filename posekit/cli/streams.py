"""Handles stdout and stderr that are closed, full, without a reader, or have a limited encoding."""

from __future__ import annotations

import io
import os
import sys


def open_closed() -> None:
    """Discards output to closed streams, and escapes characters that a stream's encoding lacks.

    If descriptor 1 or 2 is closed, the next file that is opened would get that number, and all output would go into it.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.TextIOWrapper(io.FileIO(os.devnull, "w"), encoding="utf-8", errors="backslashreplace"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Flushes stdout.

    Raises:
        BrokenPipeError: the reader has gone.
        OSError: it cannot be written, for example because the disk is full.
    """
    sys.stdout.flush()


def settle() -> None:
    """Drops output that cannot be written, so that Python does not fail on it at shutdown."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
