"""Compares models, including other projects', on the same pictures and cores: accuracy, time and size."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from posekit.bench.threads import save_figure
from posekit.errors import require
from posekit.evaluation import compare, rendered_pictures
from posekit.evaluation.outsiders import MediaPipe
from posekit.image import RGB
from posekit.samples import sample
from posekit.video import read_video

#: The rendered clips on whose frames the models are compared.
CLIPS = ("squats", "jumping_jacks", "walk", "two_people")

#: One frame in this many of a rendered clip is taken.
STEP = 10


def benchmark(
    names: Sequence[str], annotations: str | None = None, images: str | None = None, *, plot: Path | None = None
) -> dict[str, Any]:
    """Compares models on annotated pictures, by default on frames of the rendered clips, whose truth is exact.

    Args:
        names: models for `load_model`, and `mediapipe`; if that is the only one, Lightning, Thunder and crowd are added.
        annotations: a file in COCO's keypoint format.
        images: the folder with its pictures.
        plot: where to save a plot of accuracy against time.

    Returns:
        `pictures`: how many; `models`: name → the columns of `Comparison.table`, with None where there is no figure.

    Raises:
        PosekitError: the annotations cannot be used, or a model is unknown.
    """
    ours = () if set(names) - {MediaPipe.name} else ("lightning", "thunder", "crowd")
    with ExitStack() as stack:
        chosen = {name: stack.enter_context(closing(MediaPipe())) if name == MediaPipe.name else name for name in (*ours, *names)}
        folder = images or stack.enter_context(tempfile.TemporaryDirectory(prefix="posekit-"))
        found = compare(annotations or rendered_pictures(rendered_clips(), folder, every=STEP), folder, chosen)
    if plot:
        figure = require("matplotlib.figure", extra="notebooks").Figure(figsize=(7, 4.5), layout="constrained")
        found.plot(ax=figure.subplots())
        save_figure(figure, plot)
    pictures = len(next(iter(found.evaluations.values())).pictures)
    rows = {
        str(name): {str(column): None if value != value else float(value) for column, value in row.items()}
        for name, row in found.table.iterrows()
    }
    return {"pictures": pictures, "models": rows}


def rendered_clips() -> dict[str, Iterable[RGB]]:
    """Name → the frames of each of `CLIPS`."""
    return {name: read_video(sample(name)) for name in CLIPS}


def report(result: dict[str, Any]) -> str:
    """The result of `benchmark` as a readable table."""
    columns = list(next(iter(result["models"].values())))
    lines = [
        f"{result['pictures']} pictures; low and high: 95 % interval of AP; ms: median for a picture; first: also ms",
        f"{'':<14}" + "".join(f"{column:>11}" for column in columns),
    ]
    for name, row in result["models"].items():
        lines.append(f"{name:<14}" + "".join(f"{'' if row[column] is None else f'{row[column]:.3f}':>11}" for column in columns))
    return "\n".join(lines)
