"""Limits of each address behind a real proxy: a visitor who takes all of theirs, and a neighbour behind the same proxy."""

import contextlib
import json
import re
import secrets
import socket
import sys
from http.client import HTTPConnection

import pytest
from serving import encoded, running, serving
from web.forwarding import Proxy, ask
from web.test_sessions import live_request
from web.waiting import eventually

import posekit
from posekit.cli import main
from posekit.errors import PosekitError
from posekit.web import bridge, connections, feed, sessions
from posekit.web.proxy import forwarded_address, proxy_address

#: Linux alone has all of 127.0.0.0/8 on loopback.
GREEDY, NEIGHBOUR = "127.0.0.2", "127.0.0.3"
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs several loopback addresses")


@contextlib.contextmanager
def behind_proxy(proto="http", **settings):
    """The page behind the proxy: its port, and the application."""
    with running(**settings) as app, serving(app, proxy="127.0.0.1") as server:
        proxy = Proxy(server.port, proto)
        try:
            yield proxy.port, app
        finally:
            proxy.close()


@pytest.mark.slow
@linux
@pytest.mark.parametrize("unread", [False, True])
def test_connections(unread, monkeypatch):
    monkeypatch.setattr(connections, "MAX_VISITOR_CONNECTIONS", 3)
    monkeypatch.setattr(bridge, "SILENCE_TIMEOUT", 600)
    monkeypatch.setattr(bridge, "FRAME_TIMEOUT", 600)
    with behind_proxy(camera=str(posekit.sample("walk"))) as (port, app), contextlib.ExitStack() as held:
        stream = b"GET /video_feed?token=%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % app.extensions["posekit"].token.encode()
        body = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx"

        def refused():
            client = held.enter_context(socket.create_connection(("127.0.0.1", port), 60, source_address=(GREEDY, 0)))
            client.sendall(stream if unread else body)
            return ask(port, GREEDY, "GET", "/api/health")[0] == 503

        assert eventually(refused)
        assert ask(port, NEIGHBOUR, "GET", "/api/health")[0] == 200


@pytest.mark.slow
@linux
def test_live_sessions(person, monkeypatch):
    monkeypatch.setattr(sessions, "MAX_VISITOR_SESSIONS", 2)
    monkeypatch.setattr(sessions, "SESSION_TIMEOUT", 600)

    def live(port, visitor):
        jpeg, asked = live_request(person, 1, session=secrets.token_hex(16))
        return ask(port, visitor, "POST", "/live/frame", jpeg, X_Request=json.dumps(asked))[0]

    with behind_proxy() as (port, _):
        assert [live(port, GREEDY) for _ in range(3)] == [200, 200, 503]
        assert live(port, NEIGHBOUR) == 200


@pytest.mark.slow
@linux
def test_viewers_of_the_camera(monkeypatch):
    monkeypatch.setattr(feed, "MAX_VISITOR_VIEWERS", 2)
    with behind_proxy(camera=str(posekit.sample("walk"))) as (port, _), contextlib.ExitStack() as held:
        (link,) = set(re.findall(rb'/video_feed[^"]+', ask(port, GREEDY, "GET", "/live")[1]))

        def watch(visitor):
            viewer = held.enter_context(socket.create_connection(("127.0.0.1", port), 60, source_address=(visitor, 0)))
            viewer.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % link)
            return int(viewer.recv(100).split()[1])

        assert [watch(GREEDY) for _ in range(3)] == [200, 200, 503]
        assert watch(NEIGHBOUR) == 200


@pytest.mark.slow
@linux
def test_kept_photos(person, monkeypatch):
    with behind_proxy() as (port, app):
        store = app.extensions["posekit"].results

        def send(visitor):
            assert ask(port, visitor, "POST", "/", encoded(person), Content_Type="image/jpeg")[0] == 303
            return list(store._cache)[-1]

        theirs, first = send(NEIGHBOUR), send(GREEDY)
        monkeypatch.setattr(store, "_max_visitor_bytes", store.get(first).size)
        second = send(GREEDY)
        assert [ask(port, NEIGHBOUR, "GET", f"/results/{key}")[0] for key in (theirs, first, second)] == [200, 410, 200]


@pytest.mark.slow
@linux
def test_wrong_access_codes():
    with behind_proxy(access_code="sesame") as (port, _):
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        tries = [ask(port, GREEDY, "POST", "/access", "code=wrong", **form)[0] for _ in range(6)]
        assert tries == [403] * 5 + [429]
        assert ask(port, NEIGHBOUR, "POST", "/access", "code=sesame", **form)[0] == 303


@pytest.mark.slow
@pytest.mark.parametrize("proto", ["http", "https"])
def test_the_cookie_is_secure_where_visitors_use_https(proto):
    with (
        behind_proxy(proto, access_code="sesame") as (port, _),
        contextlib.closing(HTTPConnection("127.0.0.1", port)) as connection,
    ):
        connection.request("POST", "/access", "code=sesame", {"Content-Type": "application/x-www-form-urlencoded"})
        cookie = connection.getresponse().getheader("Set-Cookie")
    assert ("Secure" in cookie.split("; ")) == (proto == "https")


@linux
def test_the_projector_shows_the_address_that_visitors_use():
    with behind_proxy("https", host_names=["pose.example.org"]) as (port, _):
        assert b"https://pose.example.org/" in ask(port, NEIGHBOUR, "GET", "/projector", Host="pose.example.org")[1]


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.9, 192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:50001", "192.0.2.1"),
        ("[2001:db8::1]:50001", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("unknown", ""),
        ("192.0.2.9, made up", ""),
        ("", ""),
    ],
)
def test_the_address_that_a_proxy_adds(header, address):
    assert forwarded_address(header) == address


def test_a_proxy_is_named_by_its_address(capsys):
    assert proxy_address("0:0:0:0:0:0:0:1") == "::1"
    with pytest.raises(PosekitError, match=r"such as 127\.0\.0\.1, not 'localhost'"):
        proxy_address("localhost")
    assert main(["serve", "--port", "0", "--proxy", "localhost"]) == 1
    assert "takes the IP address" in capsys.readouterr().err
