"""How much may happen at the same time: for everybody together, and for each visitor, so that one cannot lock out another."""

from __future__ import annotations

import ipaddress
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from posekit.errors import PosekitError


class BusyError(PosekitError):
    """Too much is asked for at the same time; the same request may succeed after `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Limit:
    """A number of places, of which one visitor gets only some. A request that finds none is refused at once.

    Args:
        total: places for everybody together.
        each: places for one visitor.
        message: what somebody who is refused reads.
        retry_after: seconds after which that visitor may try again.
    """

    def __init__(self, total: int, each: int, message: str, *, retry_after: int = 1) -> None:
        self.total, self.each, self._message, self._retry_after = total, each, message, retry_after
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def acquire(self, visitor: str, count: int = 1, *, exempt: bool = False) -> None:
        """Takes places. Whoever takes some must `release` them.

        Args:
            visitor: who takes them.
            count: how many.
            exempt: one visitor may have them all: a proxy speaks for many.

        Raises:
            BusyError: there are not as many.
        """
        with self._lock:
            if self._taken.total() + count > self.total or (self._taken[visitor] + count > self.each and not exempt):
                raise BusyError(self._message, retry_after=self._retry_after)
            self._taken[visitor] += count

    def release(self, visitor: str, count: int = 1) -> None:
        """Gives places back."""
        with self._lock:
            self._taken[visitor] -= count
            if not self._taken[visitor]:
                del self._taken[visitor]

    @contextmanager
    def place(self, visitor: str, count: int = 1) -> Iterator[None]:
        """Places until the block ends; raises `BusyError` where there are not as many."""
        self.acquire(visitor, count)
        try:
            yield
        finally:
            self.release(visitor, count)

    def __len__(self) -> int:
        return self._taken.total()


def visitor() -> str:
    """By what name limits know the visitor of this request."""
    return visitor_name(request.remote_addr or "")


def visitor_name(address: str) -> str:
    """An address; of IPv6 only its first 64 bits, since a household or a phone has all addresses that begin with them."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket has none
        return address
    if isinstance(known, ipaddress.IPv6Address):
        return str(known.ipv4_mapped or ipaddress.IPv6Network((int(known) >> 64 << 64, 64)))
    return address
