"""A small reverse proxy on loopback: like Caddy or HAProxy, it forwards bodies and answers as they arrive, and says for whom."""

import contextlib
import socket
import threading
from http.client import HTTPConnection


class Proxy:
    """Passes on each connection's one request, with `X-Forwarded-For` and `X-Forwarded-Proto`.

    Attributes:
        port: the port on which it listens.

    Args:
        port: the port of the server behind it.
        proto: the protocol that it says visitors use.
    """

    def __init__(self, port, proto="http"):
        self._server, self._proto = port, proto
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        """Stops accepting connections."""
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                visitor, (address, _) = self._listener.accept()
                threading.Thread(target=self._pass_on, args=[visitor, address], daemon=True).start()

    def _pass_on(self, visitor, address):
        with visitor, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._server)) as server:
            head = b""
            while b"\r\n\r\n" not in head:
                head += (part := visitor.recv(2**16))
                if not part:
                    return
            line, rest = head.split(b"\r\n", 1)
            told = f"X-Forwarded-For: {address}\r\nX-Forwarded-Proto: {self._proto}\r\nConnection: close\r\n"
            server.sendall(line + b"\r\n" + rest.replace(b"\r\n\r\n", b"\r\n" + told.encode() + b"\r\n", 1))
            threading.Thread(target=_pump, args=[visitor, server], daemon=True).start()
            _pump(server, visitor)


def _pump(source, target):
    with contextlib.suppress(OSError):
        while part := source.recv(2**16):
            target.sendall(part)
    for each in (source, target):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def ask(port, visitor, method, path, body=None, **headers):
    """One request of a visitor, from a loopback address of its own: the status, and the body."""
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=60, source_address=(visitor, 0))) as connection:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read()
