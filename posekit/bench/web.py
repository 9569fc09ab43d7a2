"""Benchmarks the pages in one run, as ratios to the bare interpreter and to drawing with matplotlib."""

from __future__ import annotations

import io
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from statistics import median
from typing import Any

import cv2
import numpy as np
from PIL import Image

from posekit.bench.core import tutorial_figure
from posekit.errors import PosekitError
from posekit.estimate import MoveNet, load_model
from posekit.image import read_image
from posekit.samples import sample

#: A typical phone photo: 12 million pixels.
PHONE = (4032, 3024)

CLIENTS = 8
VIEWERS = 3


def benchmark(*, seconds: float = 10.0, rounds: int = 9) -> dict[str, Any]:
    """Measures a server that it starts, with Lightning and a clip as its camera.

    Args:
        seconds: how long the API and the camera are measured.
        rounds: how often a photo is sent; the median counts.

    Returns:
        `upload`: the seconds for decoding, for the finished page, and for matplotlib instead. `api`: for one look at each picture,
        and for two, requests per second from 8 clients, runs of the bare interpreter per second before and after, their ratio, and
        how often the server was busy. `feed`: frames per second of each of 3 viewers.
    """
    with _server() as port:
        api = {str(passes): _api(port, seconds, passes) for passes in (1, 2)}
        return {"upload": _upload(port, rounds), "api": api, "feed": _feed(port, seconds)}


def report(result: dict[str, Any]) -> str:
    """The result of `benchmark` as readable text."""
    upload, api, feed = result["upload"], result["api"], result["feed"]
    beyond = upload["page"] - upload["decode"]
    usual = upload["usual"] - upload["decode"]
    lines = [
        f"photo of 12 million pixels: {upload['decode']:.2f} s to decode it, then {beyond:.2f} s to the finished page",
        f"  matplotlib takes {usual:.2f} s from there, {usual / beyond:.1f} times as long",
        *(_line(int(passes), each) for passes, each in api.items()),
        f"camera, {VIEWERS} viewers: {', '.join(f'{rate:.1f}' for rate in feed)} frames a second",
    ]
    return "\n".join(lines)


def _line(passes: int, api: dict[str, float]) -> str:
    return (
        f"API, {CLIENTS} clients, passes={passes}: {api['rate']:.0f} a second, {api['ratio']:.2f} of the bare interpreter's "
        f"{api['bare']:.0f} ({passes * api['ratio']:.2f} in looks); {api['busy']} answered 503"
    )


@contextmanager
def _server() -> Iterator[int]:
    command = [sys.executable, "-m", "posekit", "serve", "--port", "0", "--camera", str(sample("squats"))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 (ourselves, with fixed arguments)
    try:
        assert process.stdout
        found = re.search(r":(\d+)/", process.stdout.readline())
        if not found:
            raise PosekitError("the server did not start")
        yield int(found[1])
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


def _fetch(connection: HTTPConnection, method: str, path: str, body: bytes | None = None) -> tuple[HTTPResponse, bytes]:
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer, answer.read()


def _timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _upload(port: int, rounds: int) -> dict[str, float]:
    photo = _phone_photo()
    model, figure = load_model("lightning"), tutorial_figure()
    assert isinstance(model, MoveNet)

    def page() -> None:
        """Sends a photo and loads the finished page, with both pictures in it."""
        with closing(HTTPConnection("127.0.0.1", port)) as connection:
            answer, _ = _fetch(connection, "POST", "/", photo)
            _, text = _fetch(connection, "GET", answer.headers["Location"])
            for link in re.findall(r'<img src="(/results/[^"]+)', text.decode()):
                _fetch(connection, "GET", link)

    def usual() -> None:
        """Stretches the photo to a square, estimates the pose, draws it as a matplotlib figure, and writes that."""
        image = np.asarray(cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR), np.uint8)
        square = cv2.resize(image, (model.input_size, model.input_size)).astype(np.uint8)
        xy = model.infer(square)[0, :, :2] * np.array(image.shape[1::-1])
        cv2.imencode(".jpg", figure(image, xy))

    steps = {"decode": lambda: read_image(photo), "page": page, "usual": usual}
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds + 1):
        for name, run in steps.items():
            taken[name].append(_timed(run))
    return {name: median(times[1:]) for name, times in taken.items()}  # the first round warms up


def _phone_photo() -> bytes:
    file = io.BytesIO()
    with Image.open(sample("person")) as image:
        image.convert("RGB").resize(PHONE, Image.Resampling.BICUBIC).save(file, "JPEG", quality=92)
    return file.getvalue()


def _bare(seconds: float) -> float:
    """Runs per second of the interpreter alone, with as many threads as there are cores."""
    model = load_model("lightning")
    assert isinstance(model, MoveNet)
    square = np.zeros((model.input_size, model.input_size, 3), np.uint8)
    for _ in range(10):
        model.infer(square)
    count, start = 0, time.perf_counter()
    while time.perf_counter() < start + seconds:
        model.infer(square)
        count += 1
    return count / (time.perf_counter() - start)


def _api(port: int, seconds: float, passes: int) -> dict[str, float]:
    picture = sample("astronaut").read_bytes()
    statuses: list[int] = []
    before = _bare(seconds / 5)
    until = time.perf_counter() + seconds

    def client() -> None:
        with closing(HTTPConnection("127.0.0.1", port)) as connection:
            while time.perf_counter() < until:
                answer, _ = _fetch(connection, "POST", f"/api/pose?passes={passes}", picture)
                statuses.append(answer.status)

    _together([client] * CLIENTS)
    bare = (before + _bare(seconds / 5)) / 2
    rate = statuses.count(200) / seconds
    wrong = [status for status in statuses if status not in (200, 503)]
    assert not wrong, wrong
    return {"rate": rate, "busy": statuses.count(503), "bare": bare, "ratio": rate / bare}


def _feed(port: int, seconds: float) -> list[float]:
    rates: list[float] = []

    def viewer() -> None:
        with closing(HTTPConnection("127.0.0.1", port)) as connection:
            _, page = _fetch(connection, "GET", "/live")
            (link,) = set(re.findall(r'/video_feed[^"]+', page.decode()))  # with the page's token
            connection.request("GET", link)
            answer = connection.getresponse()
            _frames(answer, 1)  # waits for the camera
            start, count = time.perf_counter(), 0
            while time.perf_counter() < start + seconds:
                _frames(answer, 1)
                count += 1
            rates.append(count / (time.perf_counter() - start))

    _together([viewer] * VIEWERS)
    return rates


def _frames(answer: HTTPResponse, count: int) -> None:
    for _ in range(count):
        length = 0
        while (line := answer.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        answer.read(length + 2)


def _together(jobs: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
