"""The proxy changes nothing except when data arrives."""

import contextlib
import socket
import socketserver
import threading
import time

import pytest

from posekit.bench.far import far_away


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        with contextlib.suppress(ConnectionError):
            while data := self.request.recv(1 << 16):
                self.request.sendall(data)


@pytest.fixture
def port():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def connect(proxy):
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=60)


def is_closed(client):
    with contextlib.suppress(ConnectionError):
        return client.recv(1) == b""
    return True


def test_what_passes_arrives_whole_and_late(port):
    sent = bytes(range(256)) * 2000
    with far_away(port, 0.1) as proxy, connect(proxy) as client:
        start = time.monotonic()
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        with client.makefile("rb") as answer:
            first = answer.read(1)
            assert time.monotonic() - start >= 0.2
            assert first + answer.read() == sent


def test_a_cut_breaks_connections_until_it_is_mended(port):
    with far_away(port, 0.0) as proxy:
        with connect(proxy) as client:
            client.sendall(b"before")
            assert client.recv(6) == b"before"
            proxy.cut()
            assert is_closed(client)
        with connect(proxy) as client:
            assert is_closed(client)
        proxy.mend()
        with connect(proxy) as client:
            client.sendall(b"after")
            assert client.recv(5) == b"after"
