"""Decoding photos of strangers in processes of their own: a decoder that takes too long or too much memory is killed."""

from __future__ import annotations

import ctypes
import multiprocessing
import shutil
import sys
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import CancelledError, TimeoutError  # noqa: A004 (until Python 3.10 it is another one than the built-in)
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

#: Seconds that decoding may take. An ordinary photo of 12 megapixels takes 0.2.
DEADLINE = 5.0

#: The most pixels: 50 million, as the largest usual photos of phones have.
MAX_PIXELS = 51_000_000

#: A photo with more pixels is large: only one of those is in memory at a time.
LARGE_PIXELS = 13_000_000

#: Seconds that a large photo waits for the one before it. Then the visitor is asked to come back.
LARGE_TIMEOUT = 10.0

#: What decoding may add to a process's memory, in bytes: for each pixel up to 8 in Pillow while a photo is rotated, 3 in the result
#: and 3 in shared memory; and besides, the file and the decoder's buffers.
PIXEL_MEMORY = 16
FIXED_MEMORY = 96 * 2**20

_TOO_MUCH = "{} needs too much memory to decode; shrink it, or save it as an ordinary JPEG"


class Decoder:
    """A pool of processes that decode.

    Each visitor has one photo in it at a time, so one cannot keep out the others. Of large photos there is one at a time
    altogether, until its visitor is done with it. Small JPEGs that cannot cost much are decoded here.

    Args:
        processes: at least two.
        deadline: seconds that decoding a photo may take.
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
        """The photo, upright, as RGB; for as long as the block lasts it counts as in memory.

        Raises:
            ImageError: it is damaged, takes too long or is no picture of a format that strangers may send; its children say which.
            BusyError: it is large, and so are others.
        """
        with ExitStack() as held:
            yield decode(content, name) if is_harmless(content) else self._decode_apart(content, name, visitor, held)

    def start(self) -> None:
        """Starts the processes now, without waiting for them; else the first visitor would."""
        self._pool.schedule(int)

    def close(self) -> None:
        """Kills the processes; whoever waits for one gets a `BusyError`."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        for future in list(self._futures):  # the pool leaves them as they are
            future.cancel()  # type: ignore[no-untyped-call]
        with self._lock:
            self._closed = True
            while self._buffers:
                _release(self._buffers.pop())

    def _decode_apart(self, content: bytes, name: str, visitor: str, held: ExitStack) -> RGB:
        """As if it were small; if it is not, again with more memory, which is `held` until the visitor is done."""
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

        It takes no memory until it is used. Then it is kept for the next photo, unless it is large: new pages are slow.
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
            future = self._pool.schedule(_decode_into, (content, name, max_pixels, memory), timeout=self._deadline)
            self._futures.add(future)
            result = future.result()
        except (CancelledError, RuntimeError):  # RuntimeError: the pool is closed already
            raise BusyError("this server is stopping") from None
        except TimeoutError:
            raise ImageError(f"{name} takes more than {self._deadline:g} s to decode; save it again as an ordinary JPEG") from None
        except ProcessExpired:  # the decoder crashed, or the system killed it
            raise ImageError(f"{name} cannot be decoded; save it again as an ordinary JPEG") from None
        if isinstance(result, ImageError):
            raise result
        return result


def decode(content: bytes, name: str, max_pixels: int = MAX_PIXELS) -> RGB:
    """Decodes a photo in this process. What it is, its content says, not its name.

    Raises:
        ImageError: as `Decoder.decoded`.
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
    """Containers often have 64 MB of it; writing more than there is ends a process."""
    return not sys.platform.startswith("linux") or shutil.disk_usage("/dev/shm").total >= 2**29  # noqa: S108 (it is no folder)


def _decode_into(content: bytes, name: str, max_pixels: int, memory: str | None) -> tuple[tuple[int, ...], bytes] | ImageError:
    """The photo's shape; its pixels are in the shared memory of that name, or where there is none, beside it.

    An error is returned: raised, it would keep the picture in memory.
    """
    warnings.simplefilter("ignore")  # what a library thinks of a stranger's file is no news for the log
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
    """Keeps glibc from holding on to the memory of large pictures: after hostile uploads it kept 2.5 times as much, for ever."""
    with suppress(OSError, AttributeError):  # elsewhere there is another malloc
        ctypes.CDLL("libc.so.6").mallopt(-3, 2**20)  # M_MMAP_THRESHOLD: what is larger is returned at once


def limit_memory(more: int) -> None:
    """Lets this process have `more` bytes than it has now."""
    if not sys.platform.startswith("linux"):  # Windows has no such limit, and macOS does not keep to it
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])  # libraries reserve more than they use
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + more, hard))
