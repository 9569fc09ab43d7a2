"""Attacks of slow and silent clients on a small application, each with a neighbour who is still answered."""

import contextlib
import socket
from http.client import HTTPConnection

import pytest
from serving import serving
from web.waiting import eventually
from werkzeug.wrappers import Request, Response

from posekit.web import bridge, connections

LARGE = bytes(2**20)


@Request.application
def app(request):
    return Response(LARGE if request.path == "/large" else b"hello")


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(connections, "HEAD_TIMEOUT", 0.5)
    monkeypatch.setattr(connections, "UNREAD_TIMEOUT", 0.5)
    monkeypatch.setattr(bridge, "SILENCE_TIMEOUT", 0.5)
    with serving(app) as server:
        yield server


def ask(port, path="/"):
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read()


@contextlib.contextmanager
def clients(port, count, sent):
    """Connections that send something, and then say nothing and read nothing."""
    with contextlib.ExitStack() as held:
        opened = [held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60)) for _ in range(count)]
        for each in opened:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            with contextlib.suppress(OSError):
                each.sendall(sent)
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: loc", id="half a head"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HT", id="a second head"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx", id="half a body"),
        pytest.param(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20, id="unread answers"),
    ],
)
def test_a_neighbour_is_answered_and_the_silent_are_let_go(server, sent):
    with clients(server.port, 60, sent):
        assert ask(server.port) == b"hello"
        assert ask(server.port, "/large") == LARGE
        assert eventually(lambda: not server.server_state.connections)
        assert ask(server.port) == b"hello"


def test_the_body_of_an_answer_does_not_wait_for_its_head(server):
    with clients(server.port, 1, b"GET / HTTP/1.1\r\n"):
        assert eventually(lambda: server.server_state.connections)
        (each,) = server.server_state.connections
        assert each.transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.slow
def test_a_head_in_small_pieces_does_not_set_the_clock_back(server):
    with clients(server.port, 1, b"GET / HTTP/1.1\r\n") as (slow,):

        def cut_off():
            try:
                slow.sendall(b"a")
            except OSError:
                return True

        assert eventually(cut_off)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("body", [b"zz\r\n", b"-1\r\n", b"3\r\nabcd\r\n"])
def test_a_body_in_broken_chunks_gets_an_answer_and_no_line_in_the_log(server, caplog, method, body):
    head = f"{method} / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    with clients(server.port, 1, head + body) as (client,):
        answer = b"".join(iter(lambda: client.recv(2**16), b""))  # until the other side ends it
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert caplog.text == ""


def test_one_address_has_only_some_of_the_connections(monkeypatch):
    monkeypatch.setattr(connections, "MAX_VISITOR_CONNECTIONS", 3)
    with serving(app) as server, clients(server.port, 3, b"") as held:
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as refused:
            assert b"503" in refused.recv(1000)
        held[0].close()  # its place is free again

        def answered():
            with contextlib.suppress(OSError):
                return ask(server.port) == b"hello"

        assert eventually(answered)


def test_a_proxy_may_have_them_all(monkeypatch):
    monkeypatch.setattr(connections, "MAX_VISITOR_CONNECTIONS", 3)
    with serving(app, proxy="127.0.0.1") as server, clients(server.port, 20, b""):
        assert ask(server.port) == b"hello"
