"""`python -m posekit.bench.batch`: compares `batch` with one process, a loop in the shell and bare interpreters."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from posekit import parallel
from posekit.bench.evaluation import in_turn, run_bare
from posekit.errors import require
from posekit.estimate import load_model
from posekit.samples import sample
from posekit.video import track_video

#: Clips of 640×480 pixels, used in turn.
CLIPS = ("squats", "walk", "jumping_jacks", "two_people")

#: Which way is compared with which, by the ratio of their times.
PAIRS = {
    "2 processes, against 1 process with 1 thread": ("serial", "local"),
    "2 Dask workers, against the same": ("serial", "dask"),
    "annotated clips, against a loop of posekit video": ("shell", "annotated"),
    "pictures, against bare interpreters": ("bare", "pictures"),
}


def benchmark(clips: int = 16, pictures: int = 2000, *, rounds: int = 3) -> dict[str, Any]:
    """Measures Lightning on sample clips and pictures.

    Args:
        clips: how many clips.
        pictures: how many pictures.
        rounds: how many rounds; all ways take turns, so that a busy machine slows all of them alike, and the median counts.

    Returns:
        `seconds`: way → median, including the start of local processes; `ratios`: the names of `PAIRS` → median over the rounds.
    """
    with tempfile.TemporaryDirectory(prefix="posekit-") as folder, _cluster() as client:
        scratch = Path(folder)
        films = _copies([sample(CLIPS[i % len(CLIPS)]) for i in range(clips)], scratch / "clips")
        photos = _copies([sample("person")] * pictures, scratch / "pictures")
        targets = (scratch / f"out{number}" for number in range(4 * rounds))
        video = [sys.executable, "-m", "posekit", "video"]

        def batch(sources: list[Path], **options: Any) -> None:
            table = parallel.batch(sources, next(targets), progress=False, **options)
            assert (table["state"] == "done").all(), table["error"].tolist()

        def serial() -> None:
            model = load_model("lightning", threads=1)
            for film in films:
                track_video(film, model=model, progress=False)

        def shell() -> None:
            for film in films:
                target = scratch / "annotated.mp4"
                command = [*video, str(film), str(target), "--overwrite"]
                subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (ourselves, with fixed arguments)

        ways: dict[str, Callable[[], object]] = {
            "serial": serial,
            "local": lambda: batch(films, workers=2),
            "dask": lambda: batch(films, client=client),
            "shell": shell,
            "annotated": lambda: batch(films, workers=2, annotated=True),
            "bare": lambda: run_bare(photos),
            "pictures": lambda: batch(photos, client=client),
        }
        taken = in_turn(ways, rounds)
    ratios = {name: median(a / b for a, b in zip(taken[one], taken[other], strict=True)) for name, (one, other) in PAIRS.items()}
    return {"seconds": {name: median(times) for name, times in taken.items()}, "ratios": ratios}


def _copies(files: list[Path], folder: Path) -> list[Path]:
    """Copies each file under a name of its own."""
    folder.mkdir()
    return [Path(shutil.copy(file, folder / f"{number:05}{file.suffix}")) for number, file in enumerate(files)]


@contextmanager
def _cluster() -> Iterator[Any]:
    distributed = require("distributed", extra="batch")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", memory_limit=0) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def report(result: dict[str, Any]) -> str:
    """The result of `benchmark` as a readable table."""
    lines = [f"{os.cpu_count()} cores", *(f"{name:<50}{seconds:>9.1f} s" for name, seconds in result["seconds"].items())]
    return "\n".join(lines + [f"{name:<50}{ratio:>9.2f} ×" for name, ratio in result["ratios"].items()])


if __name__ == "__main__":
    print(report(benchmark()))
