"""`posekit video`: draws the skeletons into clips."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from posekit.cli.options import add_model, add_out, add_overwrite, add_threshold
from posekit.cli.targets import Targets, check_free
from posekit.errors import PosekitError
from posekit.estimate import PoseModel, load_model
from posekit.pose import count_people
from posekit.progress import say

USAGE = "posekit video [OPTIONS] CLIP TARGET.mp4|.gif\n       posekit video [OPTIONS] CLIP… --out FOLDER"

#: The tables that `save_tracks` writes.
_TABLES = ("csv", "parquet", "json")


def add(commands: Any) -> None:
    """Adds the command."""
    video = commands.add_parser("video", usage=USAGE, help="follow people through clips, and write the clips with skeletons")
    text = (
        "a clip, a GIF, a folder of pictures, or a pattern such as frames/%%04d.png; last, without --out, the .mp4 or .gif to write"
    )
    video.add_argument("clip", nargs="+", help=text)
    add_out(video, "clips, as CLIP_pose.mp4; for several", default=None)
    add_overwrite(video)
    add_model(video)
    text = "write the tracks too: .csv, .parquet, or .json (COCO's results format); with --out only csv, parquet or json"
    video.add_argument("--table", metavar="FILE", help=text)
    add_threshold(video)
    video.add_argument("--raw", action="store_true", help="do not smooth")
    video.set_defaults(run=lambda options: run(options, video))


def run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Processes all clips. One that fails is reported and does not stop the others.

    Raises:
        PosekitError: the only clip failed, or some of several did.
    """
    if options.out is None:
        if len(options.clip) != 2:
            parser.error("give a clip and its target, or --out FOLDER and any number of clips")
        return _one(options, _loaded(options), options.clip[0], Path(options.clip[1]), options.table)
    if options.table is not None and options.table not in _TABLES:
        parser.error(f"with --out, --table is one of {', '.join(_TABLES)}; the tables are named after their clips")
    targets, failures = Targets(options.out, "_pose.mp4", overwrite=options.overwrite), 0
    model = _loaded(options)
    for clip in options.clip:
        try:
            target = targets.name(clip)
            _one(options, model, clip, target, options.table and str(target.with_suffix(f".{options.table}")))
        except PosekitError as error:
            failures += 1
            say(f"posekit: {error}")
    if failures:
        raise PosekitError(f"{failures} of {len(options.clip)} clips failed")
    return None


def _loaded(options: argparse.Namespace) -> PoseModel:
    from posekit.video.annotate import model_threads

    return load_model(options.model, threads=model_threads())


def _one(options: argparse.Namespace, model: PoseModel, clip: str, target: Path, table: str | None) -> None:
    from posekit.video import annotate_video

    for file in () if options.overwrite else (target, *([Path(table)] if table else [])):
        check_free(file)  # its message names the option; annotate_video's names its argument
    tracks = annotate_video(
        clip,
        target,
        model=model,
        smooth=not options.raw,
        threshold=options.threshold,
        table=table,
        overwrite=options.overwrite,
    )
    frames = tracks["frame"].nunique()  # frames with somebody in them
    print(f"→ {target}: {count_people(tracks['id'].nunique())}" + (f" in {frames:,} frame{'s' * (frames != 1)}" if frames else ""))
