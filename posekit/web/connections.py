"""What one connection may cost: deadlines for heads and for answers that nobody reads, and a limit for each address."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from posekit.web.limits import BusyError, Limit, visitor_name

#: Connections at the same time, and those from one address. A browser opens six; a class may share an address.
MAX_CONNECTIONS = 512
MAX_VISITOR_CONNECTIONS = 192

#: Seconds in which the head of a request must be complete, counted from the connection's start or from the last answer.
HEAD_TIMEOUT = 10.0

#: Seconds in which somebody must take the next part of an answer.
UNREAD_TIMEOUT = 20.0

_REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def connection_limit() -> Limit:
    """A limit for the connections of a server, or for the requests in them."""
    return Limit(MAX_CONNECTIONS, MAX_VISITOR_CONNECTIONS, "too many connections at once. Please try again in a moment.")


class Connection(H11Protocol):
    """uvicorn's protocol for HTTP/1.1, which by itself waits for ever.

    Args:
        limit: of all connections.
        proxy: a reverse proxy's address, whose connections are those of many visitors.
        settings: as uvicorn gives them.
    """

    def __init__(self, limit: Limit, proxy: str | None, **settings: Any) -> None:
        super().__init__(**settings)
        self._limit, self._proxy = limit, proxy
        self._visitor: str | None = None
        self._head: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # asyncio gives a Transport; its base class says BaseTransport
        """Counts it, or refuses it."""
        self.transport = transport
        address = (transport.get_extra_info("peername") or [""])[0]
        visitor = visitor_name(address)
        try:
            self._limit.acquire(visitor, exempt=address == self._proxy)
        except BusyError:
            transport.write(_REFUSAL)
            transport.close()
            return
        self._visitor = visitor
        super().connection_made(transport)
        # asyncio does so where it knows that it is TCP, which a listener from `socket.create_server` does not say. Without it, the
        # body of each answer waits up to 40 ms for its head to be acknowledged.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.set_write_buffer_limits(high=1, low=0)  # whatever is not taken counts as unread; over TLS, 0 would pause for ever
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the clocks."""
        if self._visitor is not None:
            self._limit.release(self._visitor)
        for timer in (self._head, self._unread):
            if timer:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """As its base class; then a head may be complete."""
        super().data_received(data)
        self._watch_head()

    def on_response_complete(self) -> None:
        """As its base class; then a new head may come."""
        super().on_response_complete()
        self._watch_head()

    def send_400_response(self, msg: str) -> None:
        """As its base class, which fails where an answer has begun, and after its head where the request wants nothing else."""
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:
            self.transport.close()

    def pause_writing(self) -> None:
        """The system takes no more of the answer: its receiver is slow."""
        super().pause_writing()
        self._unread = self.loop.call_later(UNREAD_TIMEOUT, self.transport.abort)

    def resume_writing(self) -> None:
        """All of it is taken."""
        super().resume_writing()
        if self._unread:
            self._unread.cancel()

    def _watch_head(self) -> None:
        """A head that comes in small pieces does not set the clock back."""
        waiting = self.conn.their_state is h11.IDLE
        if waiting and self._head is None:
            self._head = self.loop.call_later(HEAD_TIMEOUT, self.transport.abort)
        elif not waiting and self._head:
            self._head.cancel()
            self._head = None
