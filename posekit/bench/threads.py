"""Benchmarks models with different numbers of threads: time per picture with its spread, first call, memory, and the machine."""

from __future__ import annotations

import multiprocessing
import os
import platform
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from posekit.errors import PosekitError, require
from posekit.estimate import load_model
from posekit.image import read_image
from posekit.samples import sample

MODELS = ("lightning", "thunder", "multipose", "crowd")

#: How often each is measured; they take turns, so that a busy machine slows all of them alike.
ROUNDS = 30


def benchmark(
    threads: Sequence[int], *, models: Sequence[str] = MODELS, rounds: int = ROUNDS, plot: Path | None = None
) -> dict[str, Any]:
    """Measures models on the sample picture `person`.

    Args:
        threads: the numbers of threads.
        models: names or .tflite files for `load_model`.
        rounds: how often each is measured, after one round to warm up.
        plot: where to save a plot.

    Returns:
        `machine`, a description; `runs`: for each model and number of threads its `ms` (median), the quartiles `low` and `high`,
        `ratio` to the first run, `first` (ms until the first answer, including loading, in a fresh process) and `megabytes` (the
        memory that this took; None where the system does not report it).

    Raises:
        PosekitError: a number of threads is below 1.
    """
    if not threads or min(threads) < 1:
        raise PosekitError(f"numbers of threads must be 1 or more, not {list(threads)}")
    image = read_image(sample("person"))
    runs = [(name, count) for name in models for count in dict.fromkeys(threads)]
    loaded = [load_model(name, threads=count) for name, count in runs]
    seconds = np.empty((rounds + 1, len(runs)))
    for number in range(rounds + 1):
        for i, model in enumerate(loaded):
            start = time.perf_counter()
            model(image)
            seconds[number, i] = time.perf_counter() - start
    low, middle, high = np.percentile(1000 * seconds[1:], (25, 50, 75), axis=0).tolist()
    rows = []
    for i, (name, count) in enumerate(runs):
        first, megabytes = _in_fresh_process(name, count)
        row = {
            "model": Path(name).name,
            "threads": count,
            "ms": middle[i],
            "low": low[i],
            "high": high[i],
            "ratio": middle[i] / middle[0],
        }
        rows.append(row | {"first": first, "megabytes": megabytes})
    if plot:
        save_plot(rows, plot)
    return {"machine": machine(), "runs": rows}


def machine() -> dict[str, Any]:
    """What speed depends on: processor, cores, system, Python, and load (how many processes want a core, on average)."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    named = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor())
    busy = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    about = {"processor": named or platform.machine(), "cores": os.cpu_count(), "system": platform.platform()}
    return about | {"python": platform.python_version(), "busy": busy}


def _in_fresh_process(name: str, threads: int) -> tuple[float, float | None]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_first_call, name, threads).result()


def _first_call(name: str, threads: int) -> tuple[float, float | None]:
    image, before = read_image(sample("person")), _peak_megabytes()
    start = time.perf_counter()
    load_model(name, threads=threads)(image)
    first, after = 1000 * (time.perf_counter() - start), _peak_megabytes()
    return first, None if before is None or after is None else after - before


def _peak_megabytes() -> float | None:
    """The peak memory of this process according to Linux; `getrusage` would start at the peak of the parent."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM:")), None)


def save_plot(runs: Sequence[dict[str, Any]], target: Path) -> None:
    """Plots the time per picture against the number of threads, with the quartiles, in any format that matplotlib writes.

    Raises:
        PosekitError: it cannot be written.
    """
    figure = require("matplotlib.figure", extra="notebooks").Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for name in dict.fromkeys(run["model"] for run in runs):
        threads, ms, low, high = zip(
            *[(run["threads"], run["ms"], run["low"], run["high"]) for run in runs if run["model"] == name], strict=True
        )
        axes.errorbar(threads, ms, (np.subtract(ms, low), np.subtract(high, ms)), marker="o", capsize=4, label=name)
    axes.set(xlabel="threads", ylabel="milliseconds for a picture (median, quartiles)", ylim=(0, None))
    axes.set_xticks(sorted({run["threads"] for run in runs}))
    axes.legend()
    save_figure(figure, target)


def save_figure(figure: Any, target: Path) -> None:
    """Saves a matplotlib figure.

    Raises:
        PosekitError: it cannot be written.
    """
    try:
        figure.savefig(target)
    except (OSError, ValueError) as error:
        raise PosekitError(f"cannot write the plot {target}: {error}") from error


def report(result: dict[str, Any]) -> str:
    """The result of `benchmark` as a readable table."""
    about, width = result["machine"], max(12, *(len(run["model"]) + 1 for run in result["runs"]))
    lines = [
        f"{about['processor']}, {about['cores']} cores, {about['system']}, Python {about['python']}, load {about['busy']}",
        "ms: median for a picture of 640×480, between its quartiles; first: ms with loading; megabytes: peak that this adds",
        f"{'':<{width}}" + "".join(f"{name:>11}" for name in ("threads", "ms", "low", "high", "ratio", "first", "megabytes")),
    ]
    for run in result["runs"]:
        numbers = [run[name] for name in ("ms", "low", "high", "ratio", "first", "megabytes")]
        figures = "".join(f"{'' if each is None else f'{each:.2f}':>11}" for each in numbers)
        lines.append(f"{run['model']:<{width}}{run['threads']:>11}{figures}")
    return "\n".join(lines)
