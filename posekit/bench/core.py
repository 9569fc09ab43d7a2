"""Benchmarks posekit in one run, as ratios to the bare interpreter, and compares drawing with matplotlib, as tutorials use it."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np

from posekit.drawing import draw
from posekit.errors import require
from posekit.estimate import MoveNet, load_model
from posekit.estimate.interpreter import open_runtime
from posekit.image import RGB, Region
from posekit.pose import EDGES
from posekit.samples import sample
from posekit.track import Tracker
from posekit.video import VideoWriter, annotate_video, read_video
from posekit.video.annotate import model_threads

#: Rounds of each measurement; they are interleaved, so that a busy machine slows all of them alike.
ROUNDS = 30


def benchmark(name: str = "lightning", *, rounds: int = ROUNDS) -> dict[str, Any]:
    """Measures a single-pose model on the sample clip `squats`.

    Args:
        name: a model for `load_model`.
        rounds: how often each step is measured; the median counts.

    Returns:
        `model`; `steps`: name → milliseconds and ratio to the bare interpreter, for one 640×480 frame; `clips`: name → frames per
        second of a whole annotated clip, and of each of its stages alone with the same threads, and the ratio of the whole to the
        slowest stage.
    """
    model = load_model(name)
    assert isinstance(model, MoveNet)
    frames = list(read_video(sample("squats")))
    steps = _steps(model, frames)
    taken: dict[str, list[float]] = {step: [] for step in steps}
    for number in range(rounds + 1):
        for step, run in steps.items():
            start = time.perf_counter()
            run(number % len(frames))
            taken[step].append(time.perf_counter() - start)
    seconds = {step: median(times[1:]) for step, times in taken.items()}  # the first round warms up
    bare = seconds["bare interpreter"]
    return {
        "model": name,
        "steps": {step: {"ms": 1000 * each, "ratio": each / bare} for step, each in seconds.items()},
        "clips": {f"{size[1]}p": _clip(name, frames, size) for size in ((640, 480), (1280, 720))},
    }


def _steps(model: MoveNet, frames: list[RGB]) -> dict[str, Callable[[int], object]]:
    squares = [Region.whole((640, 480)).cut(frame, model.input_size)[0] for frame in frames]
    interpreter = open_runtime(model.path, os.cpu_count() or 1, model.input_size)
    place, answer = (details()[0]["index"] for details in (interpreter.get_input_details, interpreter.get_output_details))
    tracker, tutorial = Tracker(model), tutorial_figure()
    poses = model(frames[0])
    clock = iter(np.arange(1, 1_000_000) / 30)

    def bare(i: int) -> None:
        interpreter.set_tensor(place, squares[i][None])
        interpreter.invoke()
        interpreter.get_tensor(answer)

    return {
        "bare interpreter": bare,
        "one pass": lambda i: model(frames[i], passes=1),
        "two passes": lambda i: model(frames[i], passes=2),
        "draw": lambda i: draw(frames[0], poses),
        "annotated frame (track and draw)": lambda i: draw(frames[i], tracker(frames[i], float(next(clock)))),
        "annotated frame, with matplotlib": lambda i: tutorial(frames[i], model.look(frames[i]).xy[0]),
    }


def tutorial_figure() -> Callable[[RGB, Any], RGB]:
    """Draws as TensorFlow's tutorial does: for each frame a matplotlib figure, 12 inches high, rendered and read back as pixels."""
    figures = require("matplotlib.figure", extra="notebooks")
    canvases = require("matplotlib.backends.backend_agg", extra="notebooks")

    def draw_figure(frame: RGB, xy: Any) -> RGB:
        figure = figures.Figure(figsize=(12 * frame.shape[1] / frame.shape[0], 12))
        canvas = canvases.FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1), frame_on=False)
        axes.imshow(frame)
        for a, b in EDGES:
            axes.plot(*xy[[a, b]].T, linewidth=4)
        axes.scatter(*xy.T, s=60, color="#FF1493", zorder=3)
        canvas.draw()
        pixels: RGB = np.asarray(canvas.buffer_rgba())[..., :3]
        return cv2.resize(np.ascontiguousarray(pixels), frame.shape[1::-1], interpolation=cv2.INTER_CUBIC).astype(np.uint8)

    return draw_figure


def _clip(name: str, frames: list[RGB], size: tuple[int, int]) -> dict[str, float]:
    model = load_model(name, threads=model_threads())
    with tempfile.TemporaryDirectory(prefix="posekit-") as folder:
        source, target = Path(folder) / "source.mp4", Path(folder) / "target.mp4"
        sized = [cv2.resize(frame, size).astype(np.uint8) for frame in frames]
        _write(source, sized)
        tracker = Tracker(model)
        annotate_video(source, target, model=model, overwrite=True, progress=False)  # the first one imports what it needs
        rates = {
            "decode": _rate(lambda: [None for _ in read_video(source)], len(sized)),
            "infer": _rate(lambda: [tracker(frame, i / 30) for i, frame in enumerate(sized)], len(sized)),
            "encode": _rate(lambda: _write(target, sized), len(sized)),
            "whole": _rate(lambda: annotate_video(source, target, model=model, overwrite=True, progress=False), len(sized)),
        }
    return {**rates, "whole / slowest": rates["whole"] / min(rates["decode"], rates["infer"], rates["encode"])}


def _write(target: Path, frames: list[RGB]) -> None:
    with VideoWriter(target) as writer:
        for i, frame in enumerate(frames):
            writer.write(frame, i / 30)


def _rate(run: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    run()
    return count / (time.perf_counter() - start)


def report(result: dict[str, Any]) -> str:
    """The result of `benchmark` as a readable table."""
    lines = [f"{result['model']}, one frame of 640×480", f"  {'':<38}{'ms':>8}{'× bare':>9}"]
    lines += [f"  {step:<38}{each['ms']:>8.2f}{each['ratio']:>9.2f}" for step, each in result["steps"].items()]
    columns = list(next(iter(result["clips"].values())))
    lines += ["whole clips, frames a second", f"  {'':<8}" + "".join(f"{column:>16}" for column in columns)]
    lines += [f"  {clip:<8}" + "".join(f"{each[column]:>16.2f}" for column in columns) for clip, each in result["clips"].items()]
    return "\n".join(lines)
