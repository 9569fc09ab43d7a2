"""`posekit count`: counts the repetitions of an exercise in a clip."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from posekit.motion import EXERCISES, RepetitionCounter
from posekit.progress import say
from posekit.video import track_video


def add(commands: Any) -> None:
    """Adds the command."""
    count = commands.add_parser("count", help="count the repetitions of an exercise in a clip")
    count.add_argument("clip", help="a clip, a GIF, a folder of pictures, or a pattern such as frames/%%04d.png")
    count.add_argument("--exercise", required=True, metavar="NAME", help=", ".join(EXERCISES))
    text = "see `posekit models`; crowd; or a .tflite file; multipose and crowd find several people (default: %(default)s)"
    count.add_argument("--model", default="thunder", help=text)
    count.add_argument("--json", action="store_true", help="print JSON, and nothing else")
    count.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Follows the people through the clip and prints their repetitions; it is not an error if there are none.

    Raises:
        PosekitError: the clip cannot be read, or there is no such exercise or model.
    """
    counter = RepetitionCounter(options.exercise)  # raises for an unknown exercise before a model is loaded
    counter.count(track_video(options.clip, model=options.model))
    if missing := counter.missing():
        say(f"posekit: a {counter.exercise.name} needs {', '.join(counter.exercise.joints)}; hardly visible: {', '.join(missing)}")
    print(json.dumps(_plain(counter), indent=1) if options.json else _text(counter))


def _plain(counter: RepetitionCounter) -> dict[str, Any]:
    found, partial = ([asdict(each) for each in some] for some in (counter.repetitions, counter.partial))
    return {"exercise": counter.exercise.name, "count": len(found), "repetitions": found, "partial": partial}


def _text(counter: RepetitionCounter) -> str:
    lines = [f"{'id':>4}{'number':>8}  {'side':<6}{'start':>8}{'extreme':>9}{'end':>8}{'depth':>8}"]
    for each in counter.repetitions:
        times = f"{each.start:>8.2f}{each.extreme:>9.2f}{each.end:>8.2f}"
        lines.append(f"{each.id:>4}{each.number:>8}  {each.side:<6}{times}{each.depth:>8.2f}")
    total = f"{counter.exercise.name}: {len(counter.repetitions)}"
    half = f", and {len(counter.partial)} not deep enough to count" if counter.partial else ""
    return "\n".join([*(lines if counter.repetitions else []), total + half])
