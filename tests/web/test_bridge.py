import asyncio
import contextlib
import io
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException

import pytest
from serving import serving
from web.waiting import eventually
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

from posekit.web import bridge

SEEN = {}


@Request.application
def echo(request):
    SEEN.update(request.environ)
    return Response(request.get_data(), headers={"X-Method": request.method})


@pytest.fixture(scope="module")
def port():
    with serving(echo) as server:
        yield server.port


def ask(port, method, path, body=None, headers=None):
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer, answer.read()


def test_a_request_arrives_as_wsgi_says(port):
    answer, body = ask(port, "POST", "/a%20b/%C3%A4?c=%20", b"abc" * 10**6, {"X-One": "1", "X_Two": "2", "Content-Type": "x/y"})
    assert (answer.status, len(body), answer.getheader("Server")) == (200, 3 * 10**6, None)
    assert SEEN["PATH_INFO"].encode("latin-1").decode() == "/a b/ä"
    assert (SEEN["QUERY_STRING"], SEEN["CONTENT_TYPE"], SEEN["CONTENT_LENGTH"]) == ("c=%20", "x/y", "3000000")
    assert (SEEN["HTTP_X_ONE"], SEEN["REMOTE_ADDR"], SEEN["REQUEST_METHOD"]) == ("1", "127.0.0.1", "POST")
    assert "HTTP_X_TWO" not in SEEN  # it would pass for X-Two


def test_a_body_in_chunks_and_none_at_all_arrive(port):
    assert ask(port, "POST", "/", iter([b"ab", b"cd"]))[1] == b"abcd"
    assert ask(port, "GET", "/")[1] == b""
    answer, body = ask(port, "HEAD", "/")
    assert (answer.status, body) == (200, b"")


def test_a_request_with_two_lengths_smuggles_no_other(port):
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
    sent = head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(sent)
        answer = b"".join(iter(lambda: client.recv(2**16), b""))  # until the other side ends it
    assert (answer.count(b"HTTP/1.1 "), b"HTTP/1.1 400" in answer) == (1, True)


def test_the_name_that_a_proxy_gives_is_believed_of_that_proxy_alone(port):
    forged = {"X-Forwarded-For": "192.0.2.9, 192.0.2.1"}
    ask(port, "GET", "/", headers=forged)
    assert SEEN["REMOTE_ADDR"] == "127.0.0.1"
    with serving(echo, proxy="127.0.0.1") as behind:
        ask(behind.port, "GET", "/", headers=forged)
    assert SEEN["REMOTE_ADDR"] == "192.0.2.1"  # the nearest; what it was told does not count


def test_a_body_that_is_too_large_is_read_but_not_kept(port, monkeypatch):
    monkeypatch.setattr(bridge, "MAX_BODY", 1000)
    monkeypatch.setattr(bridge, "MAX_VISITOR_BYTES", 10**6)

    @Request.application
    def limited(request):
        request.max_content_length = 1000
        return Response(request.get_data())

    with serving(limited) as server:
        assert ask(server.port, "POST", "/", bytes(5 * 10**6))[0].status == 413
        assert ask(server.port, "POST", "/", iter([bytes(10**6)] * 3))[0].status == 413
        assert ask(server.port, "POST", "/", bytes(900))[0].status == 200


@contextlib.contextmanager
def unfinished(port, count, visitor):
    """Requests whose heads announce 500,000 bytes, of which few ever come."""
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {visitor}\r\nContent-Length: 500000\r\n\r\nabc".encode()
    with contextlib.ExitStack() as held:
        for _ in range(count):
            client = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            client.sendall(head)
        yield


def test_one_visitor_has_only_some_bytes_on_their_way(monkeypatch):
    monkeypatch.setattr(bridge, "MAX_VISITOR_BYTES", 10**6)
    monkeypatch.setattr(bridge, "ROOM_TIMEOUT", 0.0)
    with serving(echo, proxy="127.0.0.1") as server, unfinished(server.port, 2, "192.0.2.1"):

        def refused():
            answer, _ = ask(server.port, "POST", "/", bytes(400_000), {"X-Forwarded-For": "192.0.2.1"})
            return answer.status == 503 and answer.getheader("Retry-After") == "1"

        assert eventually(refused)
        assert ask(server.port, "POST", "/", bytes(400_000), {"X-Forwarded-For": "192.0.2.2"})[0].status == 200
        assert ask(server.port, "GET", "/", None, {"X-Forwarded-For": "192.0.2.1"})[0].status == 200


def test_a_body_without_a_length_counts_as_the_largest(monkeypatch):
    monkeypatch.setattr(bridge, "MAX_VISITOR_BYTES", bridge.MAX_BODY + 400_000)
    monkeypatch.setattr(bridge, "ROOM_TIMEOUT", 0.0)
    with serving(echo, proxy="127.0.0.1") as server, unfinished(server.port, 1, "192.0.2.1"):

        def refused():
            return ask(server.port, "POST", "/", iter([b"abc"]), {"X-Forwarded-For": "192.0.2.1"})[0].status == 503

        assert eventually(refused)
        assert ask(server.port, "POST", "/", iter([b"abc"]), {"X-Forwarded-For": "192.0.2.2"})[1] == b"abc"


def test_a_body_waits_for_room_and_is_not_read_meanwhile(monkeypatch):
    monkeypatch.setattr(bridge, "MAX_VISITOR_BYTES", 10**6)
    monkeypatch.setattr(bridge, "ROOM_TIMEOUT", 600.0)
    monkeypatch.setattr(bridge, "ROOM_INTERVAL", 0.123)
    waits, read, wait, reading = threading.Event(), [], asyncio.sleep, bridge._read

    async def noticed(seconds):
        if seconds == 0.123:  # the server itself sleeps, too
            waits.set()
        await wait(seconds)

    def read_noticed(receive, kept, most):
        read.append(kept)
        return reading(receive, kept, most)

    monkeypatch.setattr(bridge.asyncio, "sleep", noticed)
    monkeypatch.setattr(bridge, "_read", read_noticed)
    with serving(echo, proxy="127.0.0.1") as server, ThreadPoolExecutor(1) as clients:
        with unfinished(server.port, 2, "192.0.2.1"):
            assert eventually(lambda: len(read) == 2)
            waiting = clients.submit(ask, server.port, "POST", "/", bytes(400_000), {"X-Forwarded-For": "192.0.2.1"})
            assert waits.wait(60)
            assert (len(read), waiting.done()) == (2, False)
        answer, body = waiting.result(60)
        assert (answer.status, len(body)) == (200, 400_000)


def test_a_request_that_is_not_finished_takes_no_thread(port):
    with contextlib.ExitStack() as held:
        for _ in range(40):
            client = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx")
        assert ask(port, "GET", "/")[0].status == 200


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["frame", "photo", "page"])
def test_one_visitor_has_only_some_of_the_threads(kind, monkeypatch):
    monkeypatch.setattr(bridge, "MAX_VISITOR_WORK", dict.fromkeys(bridge.MAX_VISITOR_WORK, 3))
    go_on, waiting = threading.Event(), threading.Semaphore(0)
    requests = {"frame": ("POST", bridge.FRAME_PATH), "photo": ("POST", "/"), "page": ("GET", "/")}

    @Request.application
    def app(request):
        if request.headers.get("X-Slow"):
            waiting.release()
            assert go_on.wait(600)
        return Response(b"done")

    def one(visitor, kind, **more):
        return ask(server.port, *requests[kind], None, {"X-Forwarded-For": visitor, **more})[1]

    with serving(app, proxy="127.0.0.1") as server, ThreadPoolExecutor(20) as clients:
        asked = [clients.submit(one, "192.0.2.1", kind, **{"X-Slow": "1"}) for _ in range(20)]
        try:
            assert all(waiting.acquire(timeout=600) for _ in range(3))
            assert one("192.0.2.2", kind) == b"done"
            for other in {"frame", "photo", "page"} - {kind}:  # each has places of its own
                assert one("192.0.2.1", other) == b"done"
            assert not waiting.acquire(blocking=False)  # no fourth has begun
        finally:
            go_on.set()
        assert {each.result(600) for each in asked} == {b"done"}


@pytest.mark.slow
def test_a_place_stays_taken_after_a_refusal(monkeypatch):
    monkeypatch.setattr(bridge, "REFUSAL_REST", 600.0)
    monkeypatch.setattr(bridge, "MAX_VISITOR_WORK", dict.fromkeys(bridge.MAX_VISITOR_WORK, 2))

    @Request.application
    def app(request):
        return Response(status=503 if request.path == "/full" else 200)

    def status(visitor, path, method="POST"):
        return ask(server.port, method, path, None, {"X-Forwarded-For": visitor})[0].status

    with serving(app, proxy="127.0.0.1") as server, ThreadPoolExecutor(1) as clients:
        assert [status("192.0.2.1", "/full") for _ in range(2)] == [503, 503]
        waiting = clients.submit(status, "192.0.2.1", "/")
        assert [status("192.0.2.2", "/"), status("192.0.2.1", "/", "GET")] == [200, 200]
        assert not waiting.done()
        server.should_exit = True
        with contextlib.suppress(OSError, HTTPException):
            waiting.result(600)


@pytest.mark.slow
@pytest.mark.parametrize("reads", [True, False])
def test_a_stream_ends_when_its_viewer_is_gone_or_does_not_read(reads, monkeypatch):
    monkeypatch.setattr(bridge, "FRAME_TIMEOUT", 0.5)
    left = threading.Event()

    def frames():
        try:
            while True:
                yield bytes(2**18)
        finally:
            left.set()

    @Request.application
    def stream(request):
        return Response(frames())

    with serving(stream) as server, socket.create_connection(("127.0.0.1", server.port), timeout=60) as viewer:
        viewer.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert viewer.recv(100).startswith(b"HTTP/1.1 200")
        if reads:
            viewer.close()
        assert left.wait(60)


def test_a_bug_is_an_answer(monkeypatch, caplog):
    def broken(environ, start_response):
        raise ZeroDivisionError

    with serving(broken) as server:
        assert ask(server.port, "GET", "/")[0].status == 500
    assert "cannot answer GET /" in caplog.text


def test_a_clip_may_be_larger_and_does_not_lie_in_memory(monkeypatch):
    monkeypatch.setattr(bridge, "MAX_BODY", 1000)
    monkeypatch.setattr(bridge, "MAX_CLIP_BODY", 2000)
    bodies = []

    @Request.application
    def clips(request):
        bodies.append(type(request.environ["wsgi.input"]))
        request.max_content_length = 2000 if request.path == bridge.CLIPS_PATH else 1000
        return Response(request.get_data())

    with serving(clips) as server:
        assert ask(server.port, "POST", bridge.CLIPS_PATH, bytes(1900))[1] == bytes(1900)
        assert ask(server.port, "POST", bridge.CLIPS_PATH, bytes(2100))[0].status == 413
        assert ask(server.port, "POST", "/", bytes(1900))[0].status == 413
    assert bodies[0] is not io.BytesIO
    assert bodies[2] is io.BytesIO


def test_a_part_of_a_file_is_sent_as_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(bridge, "MAX_VISITOR_BYTES", 10**5)  # nobody's share of the memory
    path = tmp_path / "clip.mp4"
    path.write_bytes(bytes(range(256)) * 4000)

    @Request.application
    def file(request):
        return send_file(path, request.environ, conditional=True)

    with serving(file) as server:
        answer, body = ask(server.port, "GET", "/")
        assert (answer.status, body) == (200, path.read_bytes())
        answer, body = ask(server.port, "GET", "/", headers={"Range": "bytes=256-500255"})
        assert (answer.status, body) == (206, path.read_bytes()[256:500256])
        assert ask(server.port, "HEAD", "/")[0].getheader("Content-Length") == "1024000"
