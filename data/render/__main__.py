"""Render the sample clips again: `python data/render`, or one of them: `python data/render squats`."""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # matrices of 3 × 3 gain nothing from threads

import cv2
import imageio.v2 as imageio
import numpy as np
from clips import CLIPS, Clip
from numpy.typing import NDArray
from scene import Stage
from tqdm import tqdm
from truth import observe, record, save

HERE = Path(__file__).resolve().parent.parent
# One encoder thread and no time stamps: the same bytes on every machine with the same x264.
H264 = [
    "-crf", "19", "-x264-params", "aq-mode=3", "-preset", "slow", "-threads", "1", "-movflags", "+faststart",
    "-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1",
]  # fmt: skip


@cache
def stage(name: str) -> Stage:
    """The empty room of a clip, painted once in each process."""
    return Stage(CLIPS[name].camera, samples=3 if CLIPS[name].still else 2)


def draw(job: tuple[str, int]) -> tuple[NDArray[np.uint8], list[dict[str, Any]]]:
    """One frame: its pixels and its truth."""
    name, frame = job
    cv2.setNumThreads(1)
    bodies, solids = CLIPS[name].people(frame)
    picture, layer = stage(name).render(solids)
    return picture, observe(bodies, CLIPS[name].camera, layer)


def produce(clip: Clip, folder: Path, jobs: int) -> None:
    """Render a clip and write its pictures and its truth."""
    seen = []
    with ProcessPoolExecutor(jobs) as pool:
        frames = pool.map(draw, [(clip.name, frame) for frame in range(clip.frames)], chunksize=4)
        writer = None if clip.still else imageio.get_writer(
            folder / f"{clip.name}.mp4", fps=clip.fps, codec="libx264", quality=None, pixelformat="yuv420p", output_params=H264,
        )  # fmt: skip
        for picture, truth in tqdm(frames, clip.name, clip.frames, unit="frame"):
            seen.append(truth)
            if writer:
                writer.append_data(picture)
            else:
                imageio.imwrite(folder / f"{clip.name}.png", picture)
        if writer:
            writer.close()
    save(folder / f"{clip.name}.json", record(clip, seen))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python data/render", description=__doc__)
    parser.add_argument("clip", nargs="*", help=f"which to render: {', '.join(CLIPS)} (all, if none is named)")
    parser.add_argument("--folder", type=Path, default=HERE, help="where to write (default: beside this folder)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (default: one for each core)")
    options = parser.parse_args()
    if unknown := set(options.clip) - set(CLIPS):
        parser.error(f"no clip is called {', '.join(sorted(unknown))}; there are {', '.join(CLIPS)}")
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.clip or CLIPS:
        produce(CLIPS[name], options.folder, options.jobs)


if __name__ == "__main__":
    main()
