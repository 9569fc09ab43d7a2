"""Limits of what may happen at the same time, in total and for each visitor, so that one visitor cannot lock out another."""

from __future__ import annotations

import ipaddress
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from posekit.errors import PosekitError


class BusyError(PosekitError):
    """Too much is requested at the same time; the same request may succeed after `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Limit:
    """A number of places, of which one visitor gets only some. A request for which there is no place is refused at once.

    Args:
        total: how many places there are.
        each: how many places one visitor may have.
        message: what a visitor who is refused reads.
        retry_after: seconds after which that visitor may try again.
    """

    def __init__(self, total: int, each: int, message: str, *, retry_after: int = 1) -> None:
        self.total, self.each, self._message, self._retry_after = total, each, message, retry_after
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def acquire(self, visitor: str, count: int = 1, *, exempt: bool = False) -> None:
        """Takes places, which the caller must `release`.

        Args:
            visitor: who takes them.
            count: how many.
            exempt: whether this visitor may have them all, such as a proxy, which speaks for many.

        Raises:
            BusyError: there are not enough places.
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
        """Takes places until the block ends; raises `BusyError` if there are not enough."""
        self.acquire(visitor, count)
        try:
            yield
        finally:
            self.release(visitor, count)

    def __len__(self) -> int:
        return self._taken.total()


def visitor() -> str:
    """The name by which limits know the visitor of this request."""
    return visitor_name(request.remote_addr or "")


def visitor_name(address: str) -> str:
    """An address; of an IPv6 address only the first 64 bits, since a household or a phone has all that begin with them."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket has none
        return address
    if isinstance(known, ipaddress.IPv6Address):
        return str(known.ipv4_mapped or ipaddress.IPv6Network((int(known) >> 64 << 64, 64)))
    return address
