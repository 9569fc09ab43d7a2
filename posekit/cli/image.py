"""`posekit image`: finds the poses in pictures or folders of pictures."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from posekit.cli.options import add_model, add_out, add_overwrite, add_threshold
from posekit.cli.targets import Targets
from posekit.drawing import draw, encode_png
from posekit.errors import ImageError, PosekitError
from posekit.estimate import PoseModel, load_model
from posekit.folders import pictures_in
from posekit.image import RGB, read_image
from posekit.pose import KEYPOINTS, Pose, Poses
from posekit.progress import progress, say


def add(commands: Any) -> None:
    """Adds the command."""
    image = commands.add_parser("image", help="find the pose in your own pictures")
    image.add_argument("picture", nargs="+", help="a file, a folder of pictures, or an http(s) address")
    add_model(image)
    image.add_argument("--passes", type=int, choices=(1, 2), help="looks at each picture (default: 2; multipose: 1)")
    add_threshold(image)
    add_out(image, "pictures")
    add_overwrite(image)
    image.add_argument("--json", action="store_true", help="print the keypoints in COCO's results format, and nothing else")
    image.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Processes all pictures, and prints a table for each, or for folders a line for each. One that fails does not stop the others.

    Raises:
        PosekitError: some failed, or nothing can be written.
    """
    pictures, failures = _expanded(options.picture)
    brief = any(os.path.isdir(picture) for picture in options.picture)  # noqa: PTH112 (Path.is_dir raises where a name is too long)
    targets = None if options.json else Targets(options.out, "_pose.png", overwrite=options.overwrite)
    model = load_model(options.model) if pictures else None
    results: list[dict[str, Any]] = []
    try:
        with progress("posekit image", len(pictures), "picture", shown=len(pictures) > 1) as bar:
            for number, picture in enumerate(pictures):
                assert model is not None
                try:
                    poses = _one(picture, model, targets, options, brief)
                    results += [{"file": picture, **person} for person in poses.to_coco(number)]
                except PosekitError as error:
                    failures += 1
                    say(f"posekit: {error}")
                bar.update()
    finally:  # even after Ctrl-C, so that the results so far are printed
        if options.json:
            print(json.dumps(results, indent=1))
    if failures:
        raise PosekitError(f"{failures} of {max(len(pictures), len(options.picture))} pictures failed")


def _expanded(sources: list[str]) -> tuple[list[str], int]:
    """The pictures (those of a folder in natural order), and the number of folders without pictures, which are reported."""
    pictures: list[str] = []
    failures = 0
    for source in sources:
        try:
            pictures += map(str, pictures_in(Path(source))) if os.path.isdir(source) else [source]  # noqa: PTH112
        except PosekitError as error:
            failures += 1
            say(f"posekit: {error}")
    return pictures, failures


def _one(picture: str, model: PoseModel, targets: Targets | None, options: argparse.Namespace, brief: bool) -> Poses:
    target = targets.name(picture) if targets else None
    image = _read(picture)
    poses = model(image, passes=options.passes)
    if targets and target:
        targets.write(target, drawing(image, poses, options.threshold))
        name = target.stem.removesuffix("_pose")
        _print(f"{name}: {poses!r} → {target}" if brief else f"{describe(name, poses, options.threshold)}\n→ {target}\n")
    return poses


def _read(picture: str) -> RGB:
    try:
        return read_image(picture)
    except OSError as error:  # for example, the name is too long
        raise ImageError(f"cannot read {picture}: {error.strerror or error}") from error


def _print(text: str) -> None:
    """Prints above the progress bar."""
    from tqdm import tqdm

    tqdm.write(text, file=sys.stdout)


def drawing(image: RGB, poses: Poses, threshold: float) -> bytes:
    """The picture with its poses, as a PNG file."""
    return encode_png(draw(image, poses, threshold=threshold))


def describe(name: str, poses: Poses, threshold: float) -> str:
    """The poses as a readable table."""
    return "\n".join([f"{name}: {poses!r}", *(_table(pose, threshold) for pose in poses)])


def _table(pose: Pose, threshold: float) -> str:
    lines = [f"  {'keypoint':<16}{'x':>8}{'y':>8}{'score':>8}"]
    for name in KEYPOINTS:
        x, y, score = pose[name]
        lines.append(f"  {name:<16}{x:>8.1f}{y:>8.1f}{score:>8.2f}{'' if score >= threshold else '   (not drawn)'}")
    return "\n".join(lines)
