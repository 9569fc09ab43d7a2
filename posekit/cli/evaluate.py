"""`posekit evaluate`: measures how accurate a model is on annotated pictures."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit.cli.options import add_model, add_overwrite
from posekit.cli.targets import check_free

if TYPE_CHECKING:
    from posekit.evaluation import Evaluation


def add(commands: Any) -> None:
    """Adds the command."""
    evaluate = commands.add_parser("evaluate", help="how good a model is on annotated pictures: COCO's keypoint metric")
    evaluate.add_argument("annotations", type=Path, help="in COCO's keypoint format, such as person_keypoints_val2017.json")
    evaluate.add_argument("images", type=Path, help="the folder with the pictures")
    add_model(evaluate)
    people = "all; or one: only the pictures with exactly one person, for models that find one (default: %(default)s)"
    evaluate.add_argument("--people", choices=("all", "one"), default="all", help=people)
    evaluate.add_argument("--crops", action="store_true", help="show the model each person, cut out by the true box")
    evaluate.add_argument("--nobody", type=Path, metavar="FOLDER", help="pictures without people, on which ghosts are counted")
    evaluate.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="keep each answer here; the same command continues from it"
    )
    evaluate.add_argument("--results", type=Path, metavar="FILE", help="write what was found, in COCO's results format")
    evaluate.add_argument("--html", type=Path, metavar="FILE", help="write a page with the figures and the worst answers")
    add_overwrite(evaluate)
    evaluate.add_argument("--json", action="store_true", help="print the figures as JSON, and nothing else")
    evaluate.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Evaluates, prints the figures, and writes the requested files.

    Raises:
        PosekitError: the annotations or a file cannot be used.
    """
    from posekit.evaluation import evaluate

    targets = [target for target in (options.results, options.html) if target]
    for target in targets if not options.overwrite else ():
        check_free(target)  # checked before the work, not after it
    found = evaluate(
        options.annotations,
        options.images,
        options.model,
        people=options.people,
        crops=options.crops,
        nobody=options.nobody,
        checkpoint=options.checkpoint,
    )
    if options.results:
        found.save(options.results)
    if options.html:
        found.report(options.html)
    print(
        json.dumps(_plain(found), indent=1) if options.json else "\n".join([_text(found), *(f"→ {target}" for target in targets)])
    )


def _plain(found: Evaluation) -> dict[str, Any]:
    low, high = found.interval
    figures = {name: None if value != value else value for name, value in found.figures.items()}  # JSON has no NaN
    counts = {"pictures": len(found.pictures), "people": len(found.judged), "without_people": found.without_people}
    about = {"model": found.model, "figures": figures, "interval": [low, high], **counts}
    return {**about, "ghosts": found.ghosts, "broken": dict(found.broken)}


def _text(found: Evaluation) -> str:
    low, high = found.interval
    broken = [f"  {name}: {why}" for name, why in found.broken.items()]
    lines = [repr(found), f"95 % interval of AP: {low:.3f} … {high:.3f}", "", found.per_keypoint.round(3).to_string()]
    return "\n".join([*lines, *(["", "Not read:"] if broken else []), *broken])
