"""Decodes strangers' photos in separate processes: a decoder that takes too long or too much memory is killed."""

from __future__ import annotations

import ctypes
import multiprocessing
import shutil
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any
from weakref import WeakSet, WeakValueDictionary

import numpy as np
from pebble import ProcessExpired, ProcessFuture, ProcessPool

from posekit.errors import ImageError, TooLargeError
from posekit.image import RGB, read_image
from posekit.web.jpeg import is_harmless
from posekit.web.limits import BusyError

#: Seconds of a processor that decoding may take. An ordinary photo of 12 megapixels takes 0.2.
DEADLINE = 5.0

#: By the clock it may take so many times as long: where the computer is busy, that is not the photo's fault.
PATIENCE = 6

#: The most pixels: 50 million, as in the largest photos that are usual on phones.
MAX_PIXELS = 51_000_000

#: A photo with more pixels is large; only one large photo is in memory at a time.
LARGE_PIXELS = 13_000_000

#: How many seconds a large photo waits for the one before it. Then the visitor is asked to try again later.
LARGE_TIMEOUT = 10.0

#: What decoding may add to a process's memory, in bytes: per pixel up to 8 in Pillow while a photo is rotated, 3 in the result and
#: 3 in shared memory; and in addition the file and the decoder's buffers.
PIXEL_MEMORY = 16
FIXED_MEMORY = 96 * 2**20

_HAS_TIMER = hasattr(signal, "setitimer")
_BUSY = "this server is too busy to decode that photo now. Please try again in a moment."
_TOO_LONG = "{} takes more than {:g} s to decode; save it again as an ordinary JPEG"
_TOO_MUCH = "{} needs too much memory to decode; shrink it, or save it as an ordinary JPEG"


class Decoder:
    """A pool of processes that decode photos.

    Each visitor has one photo in it at a time, so that nobody can keep out the others. Only one large photo is in it at a time,
    until its visitor is done with it. Small JPEGs that cannot cost much are decoded in this process.

    Args:
        processes: how many processes, at least two.
        deadline: seconds of a processor that decoding a photo may take; on Windows, which does not count them so, by the clock.
    """

    def __init__(self, processes: int, *, deadline: float = DEADLINE) -> None:
        self._deadline = deadline
        spawn: Any = multiprocessing.get_context("spawn")  # a fork of a process with threads can hang
        self._pool = ProcessPool(max_workers=max(2, processes), context=spawn)
        self._max_buffers = max(2, processes)
        self._buffers: list[SharedMemory] = []
        self._closed = False
        self._turns: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self._large = threading.Lock()
        self._lock = threading.Lock()
        self._futures: WeakSet[ProcessFuture[Any]] = WeakSet()

    @contextmanager
    def decoded(self, content: bytes, name: str, visitor: str) -> Iterator[RGB]:
        """The photo, upright, as (H, W, 3) uint8 RGB; during the block it counts as in memory.

        Raises:
            ImageError: it is damaged, takes too long, or is not in a format that strangers may send; its subclasses say which.
            BusyError: it is large, and another large photo is being processed.
        """
        with ExitStack() as held:
            yield decode(content, name) if is_harmless(content) else self._decode_apart(content, name, visitor, held)

    def start(self) -> None:
        """Starts the processes now, without waiting for them, so that the first visitor need not wait."""
        self._pool.schedule(int)

    def close(self) -> None:
        """Kills the processes; requests that wait for one get a `BusyError`."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        for future in list(self._futures):  # the pool does not cancel them
            future.cancel()  # type: ignore[no-untyped-call]
        with self._lock:
            self._closed = True
            while self._buffers:
                _release(self._buffers.pop())

    def _decode_apart(self, content: bytes, name: str, visitor: str, held: ExitStack) -> RGB:
        """Decodes it as if it were small; if it is not, decodes it again with more memory, `held` until the visitor is done."""
        with self._turn(visitor):
            with suppress(TooLargeError):
                return self._decode(content, name, LARGE_PIXELS)
            if not self._large.acquire(timeout=LARGE_TIMEOUT):
                raise BusyError("this server is busy with other large photos. Please try again in a moment, or send a smaller one.")
            held.callback(self._large.release)
            return self._decode(content, name, MAX_PIXELS)

    def _turn(self, visitor: str) -> threading.Lock:
        with self._lock:
            return self._turns.setdefault(visitor, threading.Lock())

    def _decode(self, content: bytes, name: str, max_pixels: int) -> RGB:
        if not _has_shared_memory():
            shape, pixels = self._run(content, name, max_pixels, None)
            return np.frombuffer(pixels, np.uint8).reshape(shape)
        with self._buffer(max_pixels) as memory:
            shape, _ = self._run(content, name, max_pixels, memory.name)
            return np.ndarray(shape, np.uint8, memory.buf).copy()

    @contextmanager
    def _buffer(self, max_pixels: int) -> Iterator[SharedMemory]:
        """Shared memory for a photo, since sending its pixels through a pipe takes as long as decoding them.

        It takes up no memory until it is used. Then it is kept for the next photo, unless it is large, since new pages are slow.
        """
        small = max_pixels <= LARGE_PIXELS
        with self._lock:
            memory = self._buffers.pop() if small and self._buffers else SharedMemory(create=True, size=3 * max_pixels)
        try:
            yield memory
        finally:
            with self._lock:
                if small and not self._closed and len(self._buffers) < self._max_buffers:
                    self._buffers.append(memory)
                else:
                    _release(memory)

    def _run(self, content: bytes, name: str, max_pixels: int, memory: str | None) -> Any:
        try:
            work = (self._deadline, _decode_into, content, name, max_pixels, memory)
            future = self._pool.schedule(_within, work, timeout=self._deadline * (PATIENCE if _HAS_TIMER else 1))
            self._futures.add(future)
            result = future.result()
        except (futures.CancelledError, RuntimeError):  # RuntimeError: the pool is already closed
            raise BusyError("this server is stopping") from None
        except futures.TimeoutError:  # until Python 3.10 it is not the built-in one
            raise BusyError(_BUSY) if _HAS_TIMER else ImageError(_TOO_LONG.format(name, self._deadline)) from None
        except ProcessExpired as error:  # its time was over, the decoder crashed, or the system killed it
            if _HAS_TIMER and error.exitcode == -signal.SIGPROF:
                raise ImageError(_TOO_LONG.format(name, self._deadline)) from None
            raise ImageError(f"{name} cannot be decoded; save it again as an ordinary JPEG") from None
        if isinstance(result, ImageError):
            raise result
        return result


def decode(content: bytes, name: str, max_pixels: int = MAX_PIXELS) -> RGB:
    """Decodes a photo in this process. Its content determines its format, not its name.

    Raises:
        ImageError: as for `Decoder.decoded`.
    """
    try:
        return read_image([{"name": name, "content": content}], max_pixels=max_pixels)
    except ImageError as error:
        if isinstance(error.__cause__, MemoryError):
            raise TooLargeError(_TOO_MUCH.format(name)) from None
        raise


def _release(memory: SharedMemory) -> None:
    memory.close()
    memory.unlink()


def _has_shared_memory() -> bool:
    """Whether there is enough shared memory: containers often have 64 MB, and writing more than there is kills a process."""
    return not sys.platform.startswith("linux") or shutil.disk_usage("/dev/shm").total >= 2**29  # noqa: S108 (it is no folder)


def _within(seconds: float, work: Callable[..., Any], *arguments: Any) -> Any:
    """The work's result; the system ends this process, whatever it is at, when it has used so many seconds of a processor."""
    if not _HAS_TIMER:
        return work(*arguments)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return work(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _decode_into(content: bytes, name: str, max_pixels: int, memory: str | None) -> tuple[tuple[int, ...], bytes] | ImageError:
    """Returns the photo's shape, and its pixels unless they are in the shared memory of that name.

    An error is returned, not raised, since a raised one would keep the picture in memory.
    """
    warnings.simplefilter("ignore")  # a library's warnings about a stranger's file do not belong in the log
    limit_memory(FIXED_MEMORY + PIXEL_MEMORY * max_pixels)
    try:
        image = decode(content, name, max_pixels)
        if memory is None:
            return image.shape, image.tobytes()
        shared = SharedMemory(memory)
        np.ndarray(image.shape, np.uint8, shared.buf)[...] = image
        shared.close()
        return image.shape, b""
    except ImageError as error:
        return type(error)(str(error))
    except MemoryError:
        return TooLargeError(_TOO_MUCH.format(name))


def return_memory() -> None:
    """Keeps glibc from holding on to the memory of large pictures: after hostile uploads it kept 2.5 times as much for good."""
    with suppress(OSError, AttributeError):  # other systems have another malloc
        ctypes.CDLL("libc.so.6").mallopt(-3, 2**20)  # M_MMAP_THRESHOLD: larger blocks are returned at once


def limit_memory(more: int) -> None:
    """Limits the memory of this process to `more` bytes beyond what it has now."""
    if not sys.platform.startswith("linux"):  # Windows has no such limit, and macOS does not enforce it
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])  # libraries reserve more than they use
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + more, hard))
