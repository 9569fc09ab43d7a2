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
from people import GROUPS, POSES, SIDE
from scene import Stage
from tqdm import tqdm
from truth import observe, record, save

HERE = Path(__file__).resolve().parent.parent
PEOPLE = "people"
NAMES = (*CLIPS, PEOPLE)
# One encoder thread and no time stamps: the same bytes on every machine with the same x264.
H264 = [
    "-crf", "19", "-x264-params", "aq-mode=3", "-preset", "slow", "-threads", "1", "-movflags", "+faststart",
    "-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1",
]  # fmt: skip


def photograph(people: Any, camera: Any, stage: Stage) -> tuple[NDArray[np.uint8], list[dict[str, Any]]]:
    """People in a room: the pixels, and the truth about `people`, which are their bodies and the solids that show them."""
    cv2.setNumThreads(1)
    bodies, solids = people
    picture, layer = stage.render(solids)
    return picture, observe(bodies, camera, layer)


@cache
def stage(name: str) -> Stage:
    """The empty room of a clip, painted once in each process."""
    return Stage(CLIPS[name].camera, samples=3 if CLIPS[name].still else 2)


def draw(job: tuple[str, int]) -> tuple[NDArray[np.uint8], list[dict[str, Any]]]:
    """One frame: its pixels and its truth."""
    name, frame = job
    return photograph(CLIPS[name].people(frame), CLIPS[name].camera, stage(name))


@cache
def room(group: int) -> Stage:
    """The empty room of a group of stills."""
    return Stage(GROUPS[group].camera)


def still(job: tuple[int, int]) -> tuple[NDArray[np.uint8], list[dict[str, Any]]]:
    """One still of a group: its pixels and its truth."""
    group, number = job
    return photograph(GROUPS[group].people(number), GROUPS[group].camera, room(group))


def produce_people(folder: Path, jobs: int) -> None:
    """Render all groups onto one sheet: a row for each group, a column for each pose."""
    each = [(group, number) for group in range(len(GROUPS)) for number in range(len(POSES))]
    with ProcessPoolExecutor(jobs) as pool:
        stills = list(tqdm(pool.map(still, each, chunksize=4), PEOPLE, len(each), unit="still"))
    tiles = np.array([picture for picture, _ in stills]).reshape(len(GROUPS), len(POSES), SIDE, SIDE, 3)
    sheet = tiles.swapaxes(1, 2).reshape(len(GROUPS) * SIDE, len(POSES) * SIDE, 3)
    imageio.imwrite(folder / f"{PEOPLE}.webp", sheet, quality=86, method=6)
    seen = [truth for _, truth in stills]
    frames = [[seen[group * len(POSES) + number][0] for group in range(len(GROUPS))] for number in range(len(POSES))]
    who = {group.name: group.look for group in GROUPS}
    truth = record(Clip(PEOPLE, len(POSES), GROUPS[0].camera, who, lambda t: [], still=True), frames)
    for entry, group in zip(truth["people"], GROUPS, strict=True):
        entry["against"] = group.against
    save(folder / f"{PEOPLE}.json", truth)


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
    parser.add_argument("clip", nargs="*", help=f"which to render: {', '.join(NAMES)} (all, if none is named)")
    parser.add_argument("--folder", type=Path, default=HERE, help="where to write (default: beside this folder)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (default: one for each core)")
    options = parser.parse_args()
    if unknown := set(options.clip) - set(NAMES):
        parser.error(f"no clip is called {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.clip or NAMES:
        if name == PEOPLE:
            produce_people(options.folder, options.jobs)
        else:
            produce(CLIPS[name], options.folder, options.jobs)


if __name__ == "__main__":
    main()
