"""Decoding photos of strangers, in processes of their own: a decoder that takes too long or too much memory is killed."""

from __future__ import annotations

import ctypes
import multiprocessing
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, TimeoutError  # noqa: A004 (until Python 3.10 it is another one than the built-in)
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from weakref import WeakSet, WeakValueDictionary

import numpy as np
from pebble import ProcessExpired, ProcessFuture, ProcessPool

from posekit.errors import ImageError, TooLargeError
from posekit.image import RGB, read_image
from posekit.web.limits import BusyError

#: Seconds that decoding may take. An ordinary photo of 12 megapixels takes 0.2.
DEADLINE = 5.0

#: The most pixels: 50 million, as the largest usual photos of phones have.
MAX_PIXELS = 51_000_000

#: A photo with more pixels is large: of those, each visitor has only one in memory at a time.
LARGE_PIXELS = 13_000_000

#: What decoding may add to a process's memory, in bytes. 51 million pixels are 204 MB in Pillow, twice 153 MB on
#: their way out, and the file itself and its decoder's buffers besides.
MAX_MEMORY = 900 * 2**20


_TOO_MUCH = "{} takes too much memory to decode; shrink it, or save it as an ordinary JPEG"


class Decoder:
    """A pool of processes that decode. Each visitor has one photo in it at a time, so one cannot keep out the others.

    Args:
        processes: at least two.
        deadline: seconds that decoding a photo may take.
    """

    def __init__(self, processes: int, *, deadline: float = DEADLINE) -> None:
        self._deadline = deadline
        spawn: Any = multiprocessing.get_context("spawn")  # a fork of a process with threads can hang
        self._pool = ProcessPool(max_workers=max(2, processes), context=spawn, initializer=_limit_memory)
        self._turns: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self._lock = threading.Lock()
        self._futures: WeakSet[ProcessFuture[Any]] = WeakSet()

    @contextmanager
    def decoded(self, content: bytes, name: str, visitor: str) -> Iterator[RGB]:
        """The photo, upright, as RGB; for as long as the block lasts it counts as in memory.

        Raises:
            ImageError: it is damaged, takes too long or is no picture of a format that strangers may send; its children say which.
        """
        with self._lock:
            turn = self._turns.setdefault(visitor, threading.Lock())
        with ExitStack() as held:
            held.enter_context(turn)
            image = self._decode(content, name)
            if image.shape[0] * image.shape[1] <= LARGE_PIXELS:
                held.close()
            yield image

    def start(self) -> None:
        """Starts the processes now, without waiting for them; else the first visitor would."""
        self._pool.schedule(int)

    def close(self) -> None:
        """Kills the processes; whoever waits for one gets a `BusyError`."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        for future in list(self._futures):  # the pool leaves them as they are
            future.cancel()  # type: ignore[no-untyped-call]

    def _decode(self, content: bytes, name: str) -> RGB:
        try:
            future = self._pool.schedule(_decode_to_bytes, (content, name), timeout=self._deadline)
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
        shape, pixels = result
        return np.frombuffer(pixels, np.uint8).reshape(shape)


def decode(content: bytes, name: str) -> RGB:
    """Decodes a photo in this process. What it is, its content says, not its name.

    Raises:
        ImageError: as `Decoder.decoded`.
    """
    try:
        return read_image([{"name": name, "content": content}], max_pixels=MAX_PIXELS)
    except ImageError as error:
        if isinstance(error.__cause__, MemoryError):
            raise TooLargeError(_TOO_MUCH.format(name)) from None
        raise


def _decode_to_bytes(content: bytes, name: str) -> tuple[tuple[int, ...], bytes] | ImageError:
    """Bytes cross a pipe with one copy less than an array. An error is returned: raised, it would keep the picture in memory."""
    try:
        image = decode(content, name)
        return image.shape, image.tobytes()
    except ImageError as error:
        return type(error)(str(error))
    except MemoryError:
        return TooLargeError(_TOO_MUCH.format(name))


def return_memory() -> None:
    """Keeps glibc from holding on to the memory of large pictures: after hostile uploads it kept 2.5 times as much, for ever."""
    with suppress(OSError, AttributeError):  # elsewhere there is another malloc
        ctypes.CDLL("libc.so.6").mallopt(-3, 2**20)  # M_MMAP_THRESHOLD: what is larger is returned at once


def _limit_memory() -> None:
    return_memory()
    if not sys.platform.startswith("linux"):  # Windows has no such limit, and macOS does not keep to it
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])  # libraries reserve more than they use
    limit = pages * resource.getpagesize() + MAX_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
