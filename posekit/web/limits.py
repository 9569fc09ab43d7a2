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
    """Too much is asked for at the same time; the same request may succeed a moment later."""


class Limit:
    """A number of places, of which one visitor gets only some. A request that finds none is refused at once.

    Args:
        total: places for everybody together.
        each: places for one visitor.
        message: what somebody who is refused reads.
    """

    def __init__(self, total: int, each: int, message: str) -> None:
        self.total, self.each, self._message = total, each, message
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def acquire(self, visitor: str) -> None:
        """Takes a place. Whoever takes one must `release` it.

        Raises:
            BusyError: there is none.
        """
        with self._lock:
            if self._taken.total() >= self.total or self._taken[visitor] >= self.each:
                raise BusyError(self._message)
            self._taken[visitor] += 1

    def release(self, visitor: str) -> None:
        """Gives a place back."""
        with self._lock:
            self._taken[visitor] -= 1
            if not self._taken[visitor]:
                del self._taken[visitor]

    @contextmanager
    def place(self, visitor: str) -> Iterator[None]:
        """A place until the block ends; raises `BusyError` where there is none."""
        self.acquire(visitor)
        try:
            yield
        finally:
            self.release(visitor)

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
