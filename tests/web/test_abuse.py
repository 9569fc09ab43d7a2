"""Hostile and many requests against `posekit serve`: no 500, no file left, memory as before.

POSEKIT_ABUSE=5 sends 1,000 hostile uploads and 20,000 requests; by default it is a fifth and a fortieth of that.
"""

import contextlib
import os
import random
import socket
import struct
import zlib
from http.client import HTTPConnection

import numpy as np
import psutil
import pytest
from PIL import Image
from serving import Server, encoded

import posekit

TIMES = int(os.environ.get("POSEKIT_ABUSE", "1"))
UPLOADS, REQUESTS = 200 * TIMES, 500 * TIMES * (8 if TIMES >= 5 else 1)

#: Memory may be so much larger afterwards, as a share.
GROWTH = 0.10


@pytest.fixture
def server(tmp_path):
    server = Server(temporary=tmp_path)
    yield server
    _, err, code = server.stop()
    assert (err, code) == ("", 0)
    assert not list(tmp_path.iterdir())


def bomb(width, height):
    """A PNG that says it is huge, with hardly anything in it."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(bytes(100_000), 9)
    chunks = b"".join(struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in (header, data))
    return b"\x89PNG\r\n\x1a\n" + chunks


def pictures(person):
    """Awkward and hostile files."""
    good = encoded(person)
    some = [
        good,
        encoded(person, "PNG"),
        encoded(person[:1, :1]),
        encoded(person[:, :3]),
        encoded(person[:2]),
        good[:5000],
        good[:3],
    ]
    some += [b"", b"hello", b"<svg/>", b"%!PS\nshowpage", b"GIF89a" + bytes(50), b"RIFF\0\0\0\0WEBPVP8 ", bytes(1000), good[::-1]]
    some += [bomb(60_000, 60_000), bomb(7_000, 7_000), bomb(2**31 - 1, 1), b"\0\0\0\x1cftypheic" + bytes(99), bytes(2**24 + 1)]
    some += [
        encoded(Image.new(mode, (90, 60)), kind) for mode, kind in (("1", "PNG"), ("P", "GIF"), ("CMYK", "JPEG"), ("I;16", "PNG"))
    ]
    return some


NAMES = [
    "a.jpg",
    "../../../etc/passwd",
    "C:\\x.jpg",
    "a.b.c",
    "",
    "x" * 5000,
    "日本.png",
    "<b>.jpg",
    "a\\0.jpg",
    "con",
    ".",
    "..",
    "-rf",
]


def form(content, name, boundary="edge"):
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="photo"; filename="{name}"\r\n\r\n'.encode()
    return head + content + f"\r\n--{boundary}--\r\n".encode()


def hostile(port, chance, files):
    """One upload: its status, or None where the connection was broken off on purpose."""
    body = chance.choice(files)
    kind = "image/jpeg"
    if chance.random() < 0.6:
        body, kind = form(body, chance.choice(NAMES)), "multipart/form-data; boundary=edge"
        if chance.random() < 0.3:
            body = body[: chance.randrange(len(body))]
        if chance.random() < 0.1:
            kind = chance.choice(
                ["multipart/form-data", "multipart/form-data; boundary=" + "x" * 300, "multipart/mixed; boundary=edge"]
            )
    path = chance.choice(["/", "/api/pose", "/api/pose?passes=2", "/api/pose?passes=%00", "/live/frame"])
    if chance.random() < 0.1:  # a sender who gives up
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=20) as sender:
            sender.sendall(
                f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body) + 9}\r\n\r\n".encode() + body[:9999]
            )
        return None
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("POST", path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        answer.read()
        return answer.status


def state(server):
    """Resident memory, files and open files of a server."""
    process = psutil.Process(server.process.pid)
    return process.memory_info().rss, len(process.net_connections()), process.num_fds(), process.num_threads()


@pytest.mark.slow
def test_hostile_uploads_do_no_harm(server, person, tmp_path):
    chance, files = random.Random(5), pictures(person)
    statuses = []
    slow = [socket.create_connection(("127.0.0.1", server.port), timeout=60) for _ in range(20)]
    for sender in slow:  # they never finish
        sender.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nx")
    for _ in range(UPLOADS):  # until every kind was there, memory grows for good reasons: buffers, fonts, formats
        hostile(server.port, chance, files)
    memory, *_ = state(server)
    for _ in range(UPLOADS):
        statuses.append(hostile(server.port, chance, files))
    grown = state(server)[0] / memory - 1
    print({each: statuses.count(each) for each in sorted(set(statuses), key=str)}, f"memory {memory >> 20} MB {grown:+.1%}")
    for sender in slow:
        sender.close()
    assert set(statuses) <= {None, 200, 303, 400, 413, 415, 422}
    assert grown < GROWTH
    assert not list(tmp_path.iterdir())
    assert server.ask("POST", "/api/pose", encoded(person)).status == 200


@pytest.mark.slow
def test_many_requests_leave_nothing(server):
    picture = posekit.sample("astronaut").read_bytes()
    paths = [
        ("GET", "/"),
        ("GET", "/live"),
        ("GET", "/front/shared.js"),
        ("GET", "/api/health"),
        ("GET", "/nothing"),
        ("POST", "/api/pose"),
    ]

    def some(count):
        with contextlib.closing(HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
            for number in range(count):
                method, path = paths[number % len(paths)]
                connection.request(method, path, picture if method == "POST" else None)
                answer = connection.getresponse()
                answer.read()
                assert answer.status in (200, 404)

    some(120)
    memory, _, files, threads = state(server)
    some(REQUESTS)
    after = state(server)
    print(f"{REQUESTS} requests: memory {memory >> 20} MB {after[0] / memory - 1:+.1%}, files {files} {after[2]}")
    assert after[0] / memory - 1 < GROWTH
    assert after[2] == files
    assert after[3] - threads < 8  # the pool starts a thread where none is free at that moment, and keeps it


@pytest.mark.slow
def test_it_talks_to_nobody_but_its_visitors(server):
    """Loopback only: no connection goes anywhere else, whatever is asked."""
    server.ask("POST", "/api/pose", np.zeros(10, np.uint8).tobytes())
    server.ask("POST", "/", b"http://example.org/photo.jpg")
    process = psutil.Process(server.process.pid)
    for connection in process.net_connections():
        assert connection.laddr.ip == "127.0.0.1"
        assert not connection.raddr or connection.raddr.ip == "127.0.0.1"
