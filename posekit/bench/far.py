"""Simulates a server that is far away: a TCP proxy on this machine that delays everything."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator


class Proxy:
    """Forwards connections to a server on this machine, with a delay of `delay` seconds each way.

    Attributes:
        port: the port on which it listens, on 127.0.0.1.
        delay: the delay each way, in seconds.
    """

    def __init__(self, server_port: int, delay: float) -> None:
        self.port = 0
        self.delay = delay
        self._server_port = server_port
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self._loop = asyncio.new_event_loop()

    def cut(self) -> None:
        """Breaks all connections, and refuses new ones until `mend`."""
        self._loop.call_soon_threadsafe(self._cut)

    def mend(self) -> None:
        """Accepts connections again."""
        self._is_cut = False

    def _cut(self) -> None:
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    async def serve(self, ready: threading.Event) -> None:
        """Listens until the task is cancelled."""
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await server.serve_forever()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._server_port)
        ends = {writer, back}
        self._writers |= ends
        try:
            await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))
        except (OSError, asyncio.CancelledError):
            pass  # one end has closed the connection, or everything ends
        finally:
            self._writers -= ends
            for each in ends:
                each.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Reads at once and writes later, so that the delay does not limit the throughput."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, data = await under_way.get()
                await asyncio.sleep(max(due - time.monotonic(), 0))
                if not data:
                    writer.write_eof()
                    return
                writer.write(data)
                await writer.drain()

        delivery = asyncio.create_task(deliver())
        try:
            data = b"-"
            while data:
                data = await reader.read(1 << 16)
                under_way.put_nowait((time.monotonic() + self.delay, data))
            await delivery
        finally:
            delivery.cancel()

    def run(self, ready: threading.Event) -> None:
        """Serves until `stop`."""
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._main(ready))
        self._loop.close()

    async def _main(self, ready: threading.Event) -> None:
        self._task = asyncio.create_task(self.serve(ready))
        try:
            await self._task
        finally:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for each in others:
                each.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    def stop(self) -> None:
        """Ends `run`, and all connections."""
        self._loop.call_soon_threadsafe(self._task.cancel)


@contextlib.contextmanager
def far_away(server_port: int, delay: float = 0.1) -> Iterator[Proxy]:
    """Runs a proxy in front of a server on this machine during the block.

    Args:
        server_port: the port of the server.
        delay: the delay each way, in seconds.
    """
    proxy, ready = Proxy(server_port, delay), threading.Event()
    thread = threading.Thread(target=proxy.run, args=[ready], daemon=True)
    thread.start()
    ready.wait()
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join()
