"""Attacks on `posekit serve` from one address, with a neighbour at another: a page, photos and a live picture.

`PYTHONPATH=tests python -m web.attacks [NAME …]` prints what the neighbour gets without and during each attack in turn, and the
memory of all the server's processes. Attackers run at a low priority: they would have computers of their own. All of it stays on
loopback.
"""

import argparse
import contextlib
import itertools
import json
import multiprocessing
import os
import re
import socket
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException

import numpy as np
import psutil
from PIL import Image
from serving import Server, encoded
from web.hostile import scans, tile, webp
from web.test_sessions import live_request

import posekit

ATTACKER, NEIGHBOUR = "127.0.0.2", "127.0.0.1"

#: Frames a second of a camera, of which two are in flight, as on the page.
RATE, IN_FLIGHT = 30, 2

#: Seconds between two photos, and between two pages.
PHOTO_PAUSE, PAGE_PAUSE = 2, 0.3


def connect(port, address=ATTACKER):
    """A connection from an address."""
    return HTTPConnection("127.0.0.1", port, timeout=60, source_address=(address, 0))


def fetch(connection, method, path, body=None, headers=None):
    """The status, head and body of an answer."""
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def hold(port, count, first, drip):
    """Connections that send something, then a little each second, and read nothing; those that the server ends are opened again."""
    held, left = {}, {}
    for moment in itertools.count():
        for number in range(count):
            try:
                if number not in held:
                    held[number] = socket.create_connection(("127.0.0.1", port), 1, source_address=(ATTACKER, 0))
                    held[number].setblocking(False)
                    left[number] = first
                if left[number] or moment % 10 == 0:
                    sent = held[number].send(left[number] or drip)
                    left[number] = left[number][sent:]
            except BlockingIOError:  # it is not read either
                pass
            except OSError:
                if number in held:
                    held.pop(number).close()
        time.sleep(0.1)


def repeat(port, count, work):
    """Runs `work(connection, number)` repeatedly in several threads, each with its own connection."""

    def client(number):
        while True:
            with contextlib.suppress(OSError, HTTPException), contextlib.closing(connect(port)) as connection:
                while True:
                    work(connection, number)

    threads = [threading.Thread(target=client, args=[number], daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    threads[0].join()


def head(method, path, **more):
    """The head of a request."""
    fields = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in more.items())
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n".encode()


def unread(port):
    """Sockets that ask 200 times and read nothing."""
    hold(port, 200, head("GET", "/") * 200, head("GET", "/"))


def heads(port):
    """Heads that never end."""
    hold(port, 205, b"GET / HTTP/1.1\r\nHost: ", b"a")


def bodies(port):
    """Bodies of 16 MB that never end."""
    hold(port, 60, memoryview(head("POST", "/", Content_Length=2**24) + bytes(2**24 - 2**16)), b"a")


def clip_bodies(port):
    """Clips of 128 MB that never end."""
    hold(port, 20, memoryview(head("POST", "/clips", Content_Length=2**27) + bytes(2**26)), b"a")


def pictures(port):
    """Pictures that cost a decoder much time or memory."""
    noise = np.random.default_rng(1).integers(0, 256, (2200, 2200, 3), np.uint8)
    large = encoded(Image.new("RGB", (7140, 7140)), "PNG")
    files = [
        scans(900),
        scans(6000),
        webp(16383),
        webp(7000),
        tile(24_000),
        encoded(noise, "PNG"),
        large,
        encoded(noise, quality=95),
    ]
    files.append(encoded(Image.new("RGB", (7140, 7140)), "JPEG2000"))
    turn = itertools.count()
    repeat(
        port,
        12,
        lambda connection, number: fetch(connection, "POST", ["/", "/api/pose"][number % 2], files[next(turn) % len(files)]),
    )


def pages(port):
    """Sixty clients that load the page, with its scripts and styles, as fast as they can."""
    links = ["/", *page_links(port)]
    turn = itertools.count()
    repeat(port, 60, lambda connection, number: fetch(connection, "GET", links[next(turn) % len(links)]))


def page_links(port):
    """What the page loads."""
    with contextlib.closing(connect(port)) as connection:
        return re.findall(r'(?:src|href)="(/front/[^"]+)', fetch(connection, "GET", "/")[2].decode())


def viewers(port):
    """Viewers of the camera who do not read."""
    with contextlib.closing(connect(port)) as connection:
        (link,) = set(re.findall(r'/video_feed[^"]+', fetch(connection, "GET", "/live")[2].decode()))
    hold(port, 190, head("GET", link), b"G")


def photos(port):
    """Photos from 24 clients as fast as they are answered."""
    photo = posekit.sample("astronaut").read_bytes()
    repeat(port, 24, lambda connection, number: fetch(connection, "POST", "/api/pose?passes=1", photo))


def lives(port, model="lightning", side=192):
    """Sixteen live pictures as fast as they are answered."""
    frame = next(iter(posekit.read_video(posekit.sample("squats"))))
    turn = itertools.count(1)

    def ask(connection, number):
        jpeg, asked = live_request(frame, next(turn), session=f"{number % 16:032x}", model=model, side=side)
        fetch(connection, "POST", "/live/frame", jpeg, {"X-Request": json.dumps(asked)})

    repeat(port, 32, ask)


def crowd(port):
    """The same with the slowest model."""
    lives(port, "crowd", 256)


def nothing(port):
    """No attack: nobody else is there."""
    threading.Event().wait()


ATTACKS = {
    each.__name__: each for each in (unread, heads, bodies, clip_bodies, pictures, pages, viewers, photos, lives, crowd, nothing)
}


class Neighbour:
    """Somebody who uses the page for some time: how long each page and photo took, and when each live frame was answered."""

    def __init__(self, port, seconds):
        self.page, self.photo, self.live, self.statuses = [], [], [], set()
        self._port, self._start = port, time.monotonic()
        self._end, self._seconds = self._start + seconds, seconds
        self._jpeg, self._asked = live_request(
            next(iter(posekit.read_video(posekit.sample("squats")))), 1, session=os.urandom(16).hex()
        )
        self._picture = encoded(Image.open(posekit.sample("person")).convert("RGB").resize((4032, 3024)), quality=90)
        self._frames, self._lock = itertools.count(1), threading.Lock()
        jobs = [self._load_pages, self._send_photos, *[self._show] * IN_FLIGHT]
        threads = [threading.Thread(target=self._use, args=[job]) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @property
    def rate(self):
        """Live frames a second."""
        return len(self.live) / self._seconds

    @property
    def slowest(self):
        """Live frames in the slowest of all seconds."""
        whole = [int(at - self._start) for at in self.live]
        return min(whole.count(second) for second in range(int(self._seconds)))

    def _use(self, job):
        while time.monotonic() < self._end:
            try:
                with contextlib.closing(connect(self._port, NEIGHBOUR)) as connection:
                    job(connection)
            except (OSError, HTTPException) as error:
                self.statuses.add(type(error).__name__)

    def _load_pages(self, connection):
        while (start := time.monotonic()) < self._end:
            self.statuses.add(fetch(connection, "GET", "/")[0])
            self.page.append(time.monotonic() - start)
            time.sleep(PAGE_PAUSE)

    def _send_photos(self, connection):
        while (start := time.monotonic()) < self._end:
            status, headers, _ = fetch(connection, "POST", "/", self._picture)
            if status == 503:  # it is sent again, as the page does
                self.statuses.add(status)
                time.sleep(float(headers["Retry-After"]))
                continue
            if status != 303:
                self.statuses.add(status)
                continue
            self.photo.append(time.monotonic() - start)
            time.sleep(PHOTO_PAUSE)

    def _show(self, connection):
        while time.monotonic() < self._end:
            with self._lock:
                seq = next(self._frames)
            time.sleep(max(0.0, self._start + seq / RATE - time.monotonic()))
            late = int((time.monotonic() - self._start) * RATE) - seq
            if late > 1:  # the camera has newer ones
                with self._lock:
                    self._frames = itertools.count(seq + late)
            status, *_ = fetch(
                connection,
                "POST",
                "/live/frame",
                self._jpeg,
                {"X-Request": json.dumps(self._asked | {"seq": seq, "time": seq / RATE})},
            )
            if status == 200:
                self.live.append(time.monotonic())
            else:
                self.statuses.add(status)


class Memory:
    """The proportional share of memory (PSS) of a process and all below it, in bytes: `now()`, and the most since the start."""

    def __init__(self, process):
        self._process, self.peak = psutil.Process(process), 0
        threading.Thread(target=self._watch, daemon=True).start()

    def now(self):
        """All processes together."""
        total = 0
        for each in [self._process, *self._process.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):  # it ended meanwhile
                total += each.memory_full_info().pss
        return total

    def _watch(self):
        while self._process.is_running():
            with contextlib.suppress(psutil.Error):
                self.peak = max(self.peak, self.now())
            time.sleep(0.3)


@contextlib.contextmanager
def attacked(name, port):
    """While an attack goes on, in a process of its own."""
    process = multiprocessing.get_context("spawn").Process(target=run, args=[name, port], daemon=True)
    process.start()
    time.sleep(5)
    try:
        yield
    finally:
        process.kill()
        process.join()


def run(name, port):
    """An attack, until it is killed."""
    os.nice(15)
    ATTACKS[name](port)


def measure(name, seconds, rounds, settle):
    """What the neighbour gets, alternately without and during an attack; and the memory before, at most, and some time after it."""
    server = Server("--camera", str(posekit.sample("squats")))
    try:
        memory = Memory(server.process.pid)
        Neighbour(server.port, 3)  # everybody is warm
        before, alone, during = memory.now(), [], []
        for _ in range(rounds):
            alone.append(Neighbour(server.port, seconds))
            with attacked(name, server.port):
                during.append(Neighbour(server.port, seconds))
        peak = memory.peak
        time.sleep(settle)
        result = {"alone": alone, "during": during, "memory": [each / 2**20 for each in (before, peak, memory.now())]}
    finally:
        _, log, _ = server.stop()
    return result | {"log": log}


def line(visits):
    """What some visits of the neighbour were like, in words."""
    page, photo = (max(max(getattr(each, what), default=float("inf")) for each in visits) for what in ("page", "photo"))
    rate, slowest = np.mean([each.rate for each in visits]), min(each.slowest for each in visits)
    odd = sorted({str(each) for visit in visits for each in visit.statuses} - {"200"})
    return f"page {page:5.2f} s  photo {photo:5.2f} s  live {rate:4.1f} a second, {slowest:2d} in the slowest  {' '.join(odd)}"


def main():
    """The command."""
    parser = argparse.ArgumentParser(description="attacks posekit serve on this computer")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(ATTACKS)} (default: all)")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each visit")
    parser.add_argument("--rounds", type=int, default=2, help="visits without, and during the attack")
    parser.add_argument("--settle", type=float, default=60.0, help="seconds until the memory is looked at again")
    options = parser.parse_args()
    for name in options.names or ATTACKS:
        found = measure(name, options.seconds, options.rounds, options.settle)
        print(f"{name:12} {line(found['during'])}\n{'without it':>12} {line(found['alone'])}")
        print(f"{'memory':>12} {{:.0f}} MB before, {{:.0f}} at most, {{:.0f}} afterwards".format(*found["memory"]), flush=True)
        if found["log"]:
            print(found["log"], file=sys.stderr)


if __name__ == "__main__":
    main()
