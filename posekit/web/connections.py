"""Limits of connections: deadlines for heads and for answers that nobody reads, and a number for each address."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from posekit.web.limits import BusyError, Limit, visitor_name

#: The most connections at the same time, in total and from one address. A browser opens six; a class may share an address.
MAX_CONNECTIONS = 512
MAX_VISITOR_CONNECTIONS = 192

#: How many seconds the head of a request may take, counted from the start of the connection or from the last answer.
HEAD_TIMEOUT = 10.0

#: How many seconds a receiver may take to accept the next part of an answer.
UNREAD_TIMEOUT = 20.0

_REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def connection_limit() -> Limit:
    """A limit for the connections of a server, or for the requests in them."""
    return Limit(MAX_CONNECTIONS, MAX_VISITOR_CONNECTIONS, "too many connections at once. Please try again in a moment.")


class Connection(H11Protocol):
    """uvicorn's protocol for HTTP/1.1 with deadlines; by itself it waits for ever.

    Args:
        limit: the limit of all connections.
        proxy: the address of a reverse proxy, whose connections are those of many visitors.
        settings: uvicorn's own arguments.
    """

    def __init__(self, limit: Limit, proxy: str | None, **settings: Any) -> None:
        super().__init__(**settings)
        self._limit, self._proxy = limit, proxy
        self._visitor: str | None = None
        self._head: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # asyncio gives a Transport; its base class says BaseTransport
        """Counts the connection, or refuses it."""
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
        # asyncio does this only where it knows that the socket is TCP, which a listener from `socket.create_server` does not say.
        # Without it, the body of each answer waits up to 40 ms until its head is acknowledged.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.set_write_buffer_limits(high=1, low=0)  # what is not taken counts as unread; with TLS, 0 would pause for ever
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the timers."""
        if self._visitor is not None:
            self._limit.release(self._visitor)
        for timer in (self._head, self._unread):
            if timer:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Does what the base class does; then a head may be complete."""
        super().data_received(data)
        self._watch_head()

    def on_response_complete(self) -> None:
        """Does what the base class does; then a new head may arrive."""
        super().on_response_complete()
        self._watch_head()

    def send_400_response(self, msg: str) -> None:
        """Does what the base class does, or closes the connection if that fails since an answer, or its head, has been sent."""
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:
            self.transport.close()

    def pause_writing(self) -> None:
        """Starts the timer for a slow receiver: the system takes no more of the answer."""
        super().pause_writing()
        self._unread = self.loop.call_later(UNREAD_TIMEOUT, self.transport.abort)

    def resume_writing(self) -> None:
        """Stops the timer: the system has taken everything."""
        super().resume_writing()
        if self._unread:
            self._unread.cancel()

    def _watch_head(self) -> None:
        """Starts or stops the timer for a head; a head that arrives in small pieces does not restart it."""
        waiting = self.conn.their_state is h11.IDLE
        if waiting and self._head is None:
            self._head = self.loop.call_later(HEAD_TIMEOUT, self.transport.abort)
        elif not waiting and self._head:
            self._head.cancel()
            self._head = None
