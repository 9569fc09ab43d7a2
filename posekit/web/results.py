"""The results of visitors' photos, which are kept in memory only, under random keys, and for a quarter of an hour."""

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

#: Seconds between two checks for expired results; without requests, nothing else would delete them.
EXPIRY_INTERVAL = 10

#: The most bytes of all results together; beyond that, the least recently used are deleted early.
MAX_RESULTS_BYTES = 192 * 2**20

#: The most bytes of one visitor's results; beyond that, the visitor's own oldest are deleted early.
MAX_VISITOR_BYTES = 64 * 2**20

#: What a result takes besides its pictures, in bytes, rounded up; without this, many tiny photos would count as nothing.
OVERHEAD = 2**14


@dataclass(frozen=True)
class Result:
    """What is kept of one photo. The large picture and the tables are made from it on request.

    Attributes:
        visitor: whose photo it is, as `limits.visitor` names them; only for the limit.
        name: the photo's name, for people.
        upload: the photo as it was sent.
        original: the photo for the page, as JPEG.
        shown: the same with the skeletons.
        poses: the people that were found.
        model: the model's name.
        seconds: how long it took.
        threshold: the lowest score of points that are drawn.
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
    """What a `ResultStore` needs to know about what it keeps."""

    @property
    def visitor(self) -> str:
        """Whose it is."""

    @property
    def size(self) -> int:
        """Bytes, about."""


T = TypeVar("T", bound=Kept)


class ResultStore(Generic[T]):
    """The results of all visitors. It is safe to use from several threads.

    Args:
        lifetime: how many seconds a result is kept.
        max_bytes: the most bytes of all results together.
        max_visitor_bytes: the most bytes of one visitor's results.
        clock: returns the time in seconds; not the time of day, which can be set back.
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
        """Keeps a result for a while and returns its key, a random one by default; nobody finds the result without the key."""
        key = key or secrets.token_hex(16)
        with self._lock:
            self._make_room(result)
            self._cache[key] = result
        return key

    def get(self, key: str) -> T | None:
        """The result with that key; None if there is none or it has expired."""
        with self._lock:
            return self._cache.get(key)

    def expire(self) -> None:
        """Deletes expired results."""
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
        """Deletes the visitor's own oldest results, as far as they and the new one exceed that visitor's limit."""
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
