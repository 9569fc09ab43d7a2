"""What visitors get to see of their photos: in memory only, under random keys, and gone after a quarter of an hour."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from cachetools import TTLCache

from posekit.pose import THRESHOLD, Poses

#: Seconds after which a result is deleted.
RESULT_LIFETIME = 15 * 60

#: Seconds between two looks for results whose time is over; without requests, nothing else would delete them.
EXPIRY_INTERVAL = 10

#: All results together, in bytes; where there are more, the least recently used go early.
MAX_RESULTS_BYTES = 192 * 2**20

#: The results of one visitor, in bytes; where there are more, the visitor's own oldest go early.
MAX_VISITOR_BYTES = 64 * 2**20

#: What a result takes besides its pictures, in bytes, rounded up: without it, many tiny photos would count as nothing.
OVERHEAD = 2**14


@dataclass(frozen=True)
class Result:
    """What is kept of one photo. The large picture and the tables are made from it when they are asked for.

    Attributes:
        visitor: whose it is, as `visitor` names them; only for the limit.
        name: of the photo, for people.
        upload: the photo as it was sent.
        original: the photo for the page, as JPEG.
        shown: the same with the skeletons.
        poses: who was found.
        model: the model's name.
        seconds: how long it took.
        threshold: the least score of points that are drawn.
    """

    visitor: str
    name: str
    upload: bytes
    original: bytes
    shown: bytes
    poses: Poses
    model: str
    seconds: float
    threshold: float = THRESHOLD

    @property
    def size(self) -> int:
        """Bytes in memory, about."""
        return len(self.upload) + len(self.original) + len(self.shown) + OVERHEAD


class Kept(Protocol):
    """What a `ResultStore` needs to know of what it keeps."""

    @property
    def visitor(self) -> str:
        """Whose it is."""

    @property
    def size(self) -> int:
        """Bytes, about."""


T = TypeVar("T", bound=Kept)


class ResultStore(Generic[T]):
    """The results of all visitors. Safe to use from many threads.

    Args:
        lifetime: seconds that a result stays.
        max_bytes: of all results together.
        max_visitor_bytes: of one visitor's results.
        clock: seconds; not the time of day, which can be set back.
    """

    def __init__(
        self,
        *,
        lifetime: float = RESULT_LIFETIME,
        max_bytes: int = MAX_RESULTS_BYTES,
        max_visitor_bytes: int = MAX_VISITOR_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_visitor_bytes = max_visitor_bytes
        self._cache: TTLCache[str, T] = TTLCache(max_bytes, lifetime, timer=clock, getsizeof=lambda result: result.size)
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._expiry = threading.Thread(target=self._expire_regularly, name="posekit-expiry", daemon=True)
        self._expiry.start()

    def put(self, result: T, key: str = "") -> str:
        """Keeps a result for a while, and returns its key, a random one by default: whoever does not know it finds nothing."""
        key = key or secrets.token_hex(16)
        with self._lock:
            self._make_room(result)
            self._cache[key] = result
        return key

    def get(self, key: str) -> T | None:
        """The result of that key, unless its time is over."""
        with self._lock:
            return self._cache.get(key)

    def expire(self) -> None:
        """Deletes what is too old."""
        with self._lock:
            self._cache.expire()

    def __len__(self) -> int:
        with self._lock:
            return len(self._cache)

    def close(self) -> None:
        """Deletes everything."""
        self._closed.set()
        self._expiry.join()
        with self._lock:
            self._cache.clear()

    def _make_room(self, new: T) -> None:
        """Nobody's photos push out another visitor's before their own."""
        own = {key: each for key in self._cache if (each := self._cache.get(key)) and each.visitor == new.visitor}
        excess = sum(each.size for each in own.values()) + new.size - self._max_visitor_bytes
        for key, each in own.items():  # the oldest first
            if excess <= 0:
                break
            self._cache.pop(key, None)
            excess -= each.size

    def _expire_regularly(self) -> None:
        while not self._closed.wait(EXPIRY_INTERVAL):
            self.expire()
