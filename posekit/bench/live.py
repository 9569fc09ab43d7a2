"""Benchmarks the live picture: both backends of LivePose, and a loop over ipywebrtc's ImageRecorder, in one browser and run."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from posekit.bench.far import far_away
from posekit.errors import PosekitError, install_command, require
from posekit.samples import sample
from posekit.video import read_video

IDLE = "() => globalThis.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"

#: The size and frame rate requested from the camera.
SIZE, FPS = (640, 480), 30

#: The browser's flags: no window, no camera prompt, and no throttling of hidden pages.
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--window-size=1280,1000",
    "--remote-debugging-port=0",
]
FLAGS += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--disable-background-timer-throttling"]

SETUP = """import json, os, statistics, time
import ipywebrtc, ipywidgets, posekit, psutil
camera = ipywebrtc.CameraStream(constraints={{"audio": False, "video": {{"width": {SIZE[0]}, "height": {SIZE[1]}}}}})
recorder = ipywebrtc.ImageRecorder(stream=camera)
lives = {{backend: posekit.LivePose(camera, "{model}", backend=backend) for backend in ("kernel", "browser")}}
ipywidgets.VBox(list(lives.values()))"""

#: One picture at a time goes through the kernel; `recording` turns False when it has arrived. No cell may run in the meantime.
RECORDER = """model, taken, sizes = posekit.load_model("{model}"), [], []
begin = start = time.perf_counter()
def answer(change):
    global start, usual
    if change["new"]:
        return
    model(posekit.read_image(recorder.image.value))
    taken.append(time.perf_counter() - start)
    sizes.append(len(recorder.image.value))
    start = time.perf_counter()
    if start - begin < {seconds}:
        recorder.recording = True
        return
    ranked = sorted(taken)
    usual = dict(fps=len(taken) / (start - begin), latency_ms=1000 * statistics.median(taken),
                 p95_ms=1000 * ranked[int(0.95 * len(ranked))], bytes=statistics.mean(sizes))
    camera.close()
    with open("usual.json.part", "w") as file:
        json.dump(usual, file)
    os.replace("usual.json.part", "usual.json")
recorder.observe(answer, "recording")
recorder.recording = True"""

#: The cell sleeps during the measurement, just as a lesson's cell is busy with its own work. The figures are the browser's, once a
#: second.
LIVE = """live = lives["{backend}"]
live.start()
while live.frames < 60 and live.status != "failed":
    time.sleep(0.1)
kernel, memory, seen = psutil.Process(), [], []
def note(change):
    seen.append(change["new"])
live.observe(note, "stats")
begin, before = time.perf_counter(), live.frames
for part in ({warm}, {rest}):
    time.sleep(part)
    memory.append(kernel.memory_info().rss / 1e6)
    open("{backend}.part", "w").close()
median = lambda name: statistics.median(each[name] for each in seen) if seen else float("nan")
ours = dict(fps=(live.frames - before) / (time.perf_counter() - begin), bytes=median("bytes"), latency_ms=median("latency_ms"),
            p95_ms=median("p95_ms"), kernel_mb=memory, error=live.error)
live.stop()
with open("{backend}.json.part", "w") as file:
    json.dump(ours, file)
os.replace("{backend}.json.part", "{backend}.json")"""


def benchmark(name: str = "lightning", *, seconds: float = 20.0, far: float = 0.0) -> dict[str, Any]:
    """Measures in a JupyterLab and a headless Chromium that it starts; the sample clip `squats` serves as the camera.

    Args:
        name: the model.
        seconds: how long each backend of LivePose is measured; the loop is measured as long, but at most 20 seconds.
        far: the round trip to a server that is far away, in milliseconds, simulated by a proxy on this machine.

    Returns:
        `live` and `browser` (LivePose with the model in the kernel and in the browser) and `usual` (the loop over ImageRecorder),
        each with `fps` (frames answered per second), `latency_ms` and `p95_ms` (from capture to drawn points; for the loop, from
        request to answer), and `bytes` (of a frame, as it leaves the browser); for LivePose also `kernel_mb` and `tab_mb`, the
        memory after the first minute (or half the time, if that is shorter) and at the end; `ratio` of the rates of `live` and
        `usual`.

    Raises:
        PosekitError: there is no JupyterLab or no Chromium, or the notebook did not finish.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="posekit-", ignore_cleanup_errors=True))
        address = stack.enter_context(_lab(Path(folder)))
        if far:
            port = urlsplit(address).port
            proxy = stack.enter_context(far_away(int(port or 80), far / 2000))
            address = address.replace(f":{port}/", f":{proxy.port}/")
        place = Path(folder) / "files"
        warm = min(60.0, seconds / 2)
        values = {"SIZE": SIZE, "model": name, "seconds": min(seconds, 20.0), "warm": warm, "rest": seconds - warm}
        cells = [SETUP.format(**values), RECORDER.format(**values)]
        cells += [LIVE.format(backend=backend, **values) for backend in ("kernel", "browser")]
        _write_notebook(place / "live.ipynb", cells)

        def reached(file: str, seconds: float) -> None:
            _wait((place / file).exists, f"the notebook did not get to {file!r}", seconds + 60)

        def result(name: str) -> dict[str, Any]:
            reached(f"{name}.json", seconds)
            figures: dict[str, Any] = json.loads((place / f"{name}.json").read_text())
            return figures

        with _tab(Path(folder), address) as tab:
            _wait(lambda: tab.evaluate(f"({IDLE})()"), "JupyterLab did not open the notebook")
            tab.run(0)
            tab.run(1)
            usual = result("usual")
            both = []
            for cell, backend in ((2, "kernel"), (3, "browser")):
                tab.run(cell)
                reached(f"{backend}.part", warm + 60)  # the browser must receive the model first
                megabytes = [tab.megabytes()]
                figures = result(backend)
                if error := figures.pop("error"):
                    raise PosekitError(f"the live picture failed with the model in the {backend}: {error}")
                both.append(figures | {"tab_mb": [*megabytes, tab.megabytes()]})
    live, browser = both
    browser["bytes"] = 0.0  # no picture leaves the browser
    return {"model": name, "far": far, "live": live, "browser": browser, "usual": usual, "ratio": live["fps"] / usual["fps"]}


def _write_notebook(path: Path, sources: list[str]) -> None:
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [{**cell, "id": f"cell-{i}", "source": source} for i, source in enumerate(sources)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.write_text(json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}))


@contextlib.contextmanager
def _lab(folder: Path) -> Iterator[str]:
    """Runs JupyterLab, reachable from this machine only and without user settings; yields the notebook's address."""
    (folder / "files").mkdir()
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser", "--ip=127.0.0.1"]
    command += ["--ServerApp.jpserver_extensions={'posekit_lab': True}"]
    command += ["--port=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder / 'files'}"]
    command += [f"--LabApp.{name}_dir={folder / name}" for name in ("user_settings", "workspaces")]
    places = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    server = subprocess.Popen(command, env=os.environ | places, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        for _ in range(300):
            time.sleep(0.2)
            for file in (folder / "runtime").glob("jpserver-*.json"):
                with contextlib.suppress(json.JSONDecodeError):  # half written
                    yield f"{json.loads(file.read_text())['url']}doc/tree/live.ipynb?token={token}"
                    return
            if server.poll() is not None:
                break
        raise PosekitError(f"JupyterLab did not start; is it installed? {install_command('lab')}")
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def _tab(folder: Path, address: str) -> Iterator[Tab]:
    """Runs a headless Chromium with that page and access to a camera, which plays the sample clip.

    It is driven through DevTools, one message at a time: a browser automation tool subscribes to all requests of the page, and the
    tab then retains their responses, which would look like a leak.
    """
    names = (os.environ.get("POSEKIT_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if not path:
        raise PosekitError("this needs Chromium or Chrome: install one, or set POSEKIT_CHROMIUM to its path")
    profile = folder / "profile"
    command = [path, *FLAGS, f"--use-file-for-fake-video-capture={_camera_clip(folder)}", f"--user-data-dir={profile}", address]
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        port = profile / "DevToolsActivePort"
        _wait(lambda: port.exists() and port.read_text().count("\n"), "the browser did not start")
        pages = f"http://127.0.0.1:{port.read_text().split()[0]}/json"
        _wait(lambda: any(page["type"] == "page" for page in requests.get(pages, timeout=10).json()), "the browser has no page")
        page = next(page for page in requests.get(pages, timeout=10).json() if page["type"] == "page")
        yield Tab(browser.pid, page["webSocketDebuggerUrl"])
    finally:
        browser.terminate()
        browser.wait()


@dataclass(frozen=True)
class Tab:
    """The browser's page.

    Attributes:
        process: the browser's process id.
        address: the address of its DevTools.
    """

    process: int
    address: str

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        return self._ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def run(self, i: int) -> None:
        """Runs a cell of the notebook without waiting for it."""
        code = f"jupyterapp.shell.currentWidget.content.activeCellIndex = {i}; "
        self.evaluate(code + "void jupyterapp.commands.execute('notebook:run-cell')")

    def megabytes(self) -> float:
        """Memory of the browser's largest page, our only one, after garbage collection."""
        psutil = require("psutil", extra="notebooks")
        self._ask("HeapProfiler.collectGarbage")
        family = psutil.Process(self.process).children(recursive=True)
        return float(max(each.memory_info().rss for each in family if "--type=renderer" in each.cmdline()) / 1e6)

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        websocket = require("websocket", extra="lab")
        with contextlib.closing(websocket.create_connection(self.address, suppress_origin=True)) as connection:
            connection.send(json.dumps({"id": 1, "method": method, "params": parameters}))
            answer: dict[str, Any] = json.loads(connection.recv())["result"]
        return answer


def _wait(done: Callable[[], Any], failure: str, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise PosekitError(f"{failure} within {seconds:.0f} s")
        time.sleep(0.2)


def _camera_clip(folder: Path) -> Path:
    """The sample clip in the form that Chromium expects from a camera: concatenated JPEGs."""
    av = require("av", extra="video")
    path = folder / "camera.mjpeg"
    with av.open(str(path), "w", format="mjpeg") as file:
        stream = file.add_stream("mjpeg", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuvj420p"
        stream.options = {"qmin": "2", "qmax": "2"}
        for frame in read_video(sample("squats")):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        file.mux(stream.encode(None))
    return path


def report(result: dict[str, Any]) -> str:
    """The result of `benchmark` as a readable table."""
    columns = {"fps": "frames/s", "latency_ms": "median ms", "p95_ms": "p95 ms", "bytes": "bytes a frame"}
    where = f"in a JupyterLab {result['far']:g} ms away" if result["far"] else "in JupyterLab"
    lines = [f"{result['model']}, a camera of {SIZE[0]}×{SIZE[1]} with {FPS} frames a second, {where}"]
    lines += [f"  {'':<26}" + "".join(f"{text:>15}" for text in columns.values())]
    ways = {"live": "LivePose, in the kernel", "browser": "LivePose, in the browser", "usual": "loop over ImageRecorder"}
    for name, text in ways.items():
        lines += [f"  {text:<26}" + "".join(f"{result[name][column]:>15.1f}" for column in columns)]
    for name, text in (("live", "kernel"), ("browser", "browser")):
        memory = ["{} {:.0f} → {:.0f} MB".format(what, *result[name][f"{what}_mb"]) for what in ("kernel", "tab")]
        lines += [f"  model in the {text}: memory of the {', of the '.join(memory)}"]
    lines += [f"  in the kernel LivePose answers {result['ratio']:.1f} times as many as the loop"]
    return "\n".join(lines)
