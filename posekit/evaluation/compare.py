"""Compares several models on the same pictures: accuracy, speed, size."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit import models as files
from posekit.axes import axes_for
from posekit.errors import ImageError, PosekitError, require
from posekit.estimate import load_model
from posekit.evaluation.coco import evaluation
from posekit.evaluation.predict import Answers, Model, answer_to, model_name, read_annotated
from posekit.evaluation.result import Evaluation
from posekit.evaluation.truth import Picture, read_truth, without_people
from posekit.image import RGB
from posekit.progress import progress as shows_progress

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class Comparison:
    """The accuracy, speed and size of several models on the same pictures.

    Attributes:
        evaluations: model → its accuracy.
        milliseconds: model → (n,) the time for each picture that could be read, without reading it, in milliseconds.
        first: model → the time to its first answer, including loading, in milliseconds.
        megabytes: model → the size of its files; NaN for functions that have no attribute `megabytes`.
    """

    evaluations: Mapping[str, Evaluation]
    milliseconds: Mapping[str, Sequence[float]]
    first: Mapping[str, float]
    megabytes: Mapping[str, float]

    @property
    def table(self) -> pandas.DataFrame:
        """A row for each model: ap, low and high (its 95 % interval), ap50, ar, ghosts, ms (median), p95, first, megabytes."""
        pd = require("pandas", extra="evaluate")
        table: pandas.DataFrame = pd.DataFrame({name: self._row(name) for name in self.evaluations}).T
        return table.rename_axis("model")

    def _row(self, name: str) -> dict[str, float]:
        found, times = self.evaluations[name], self.milliseconds[name]
        low, high = found.interval
        good = {"ap": found.ap, "low": low, "high": high, "ap50": found.ap50, "ar": found.ar, "ghosts": len(found.ghosts)}
        fast = {"ms": float(np.median(times)), "p95": float(np.percentile(times, 95)), "first": self.first[name]}
        return {**good, **fast, "megabytes": self.megabytes[name]}

    def plot(self, *, ax: Axes | None = None) -> tuple[Figure, Axes]:
        """Plots AP with its interval against the time per picture; a line joins the models of `pareto`.

        Args:
            ax: where to plot; by default in a new figure.

        Returns:
            The figure and its axes. Nothing is shown; in a notebook a figure shows itself.

        Raises:
            PosekitError: `ax` is something else.
            MissingExtraError: matplotlib is not installed.
        """
        figure, ax = axes_for(ax, (7, 4.5))
        table = self.table
        best = table.loc[self.pareto()].sort_values("ms")
        ax.plot(best["ms"], best["ap"], color="0.5", linestyle="--", zorder=1, label="no model is both better and faster")
        for (name, row), marker in zip(table.iterrows(), itertools.cycle("osD^v<>P"), strict=False):
            spread = [[row["ap"] - row["low"]], [row["high"] - row["ap"]]]
            ax.errorbar(row["ms"], row["ap"], spread, fmt=marker, capsize=4, label=str(name))
        ax.set(xlabel="milliseconds per picture (median)", ylabel="AP, with its 95 % interval", xlim=(0, None), ylim=(0, None))
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
        return figure, ax

    def pareto(self) -> list[str]:
        """The models that no other model beats in both AP and time."""
        points = {name: (each.ap, -float(np.median(self.milliseconds[name]))) for name, each in self.evaluations.items()}
        return [
            name
            for name, (ap, fast) in points.items()
            if not any(a >= ap and f >= fast and (a, f) != (ap, fast) for a, f in points.values())
        ]

    def __repr__(self) -> str:
        rows = [f"{name}: AP {each.ap:.3f}, {np.median(self.milliseconds[name]):.1f} ms" for name, each in self.evaluations.items()]
        return f"Comparison({'; '.join(rows)})"

    def _repr_html_(self) -> str:
        html: str = self.table.round(3).to_html()
        return html


def compare(
    annotations: str | os.PathLike[str] | Mapping[str, Any],
    images: str | os.PathLike[str],
    models: Sequence[str | os.PathLike[str] | Model] | Mapping[str, str | os.PathLike[str] | Model],
    *,
    people: str = "all",
    crops: bool = False,
    nobody: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> Comparison:
    """Measures several models on the same pictures.

    The models take turns, picture by picture and each time starting with another one, so that a temporarily busy machine slows all
    of them alike. Each may use all cores.

    Args:
        annotations: as for `evaluate`.
        images: the folder with the pictures.
        models: names or .tflite files for `load_model`, or functions picture → `Poses` or list of `Pose`; or a dict name → one of
            these.
        people: `"all"` or `"one"`, as for `evaluate`.
        crops: as for `evaluate`.
        nobody: a folder of pictures without people, in which false detections are counted.
        progress: whether to show a progress bar.

    Raises:
        PosekitError: the annotations cannot be used, or two models have the same name.
    """
    truth = read_truth(annotations, images)
    pictures, empty = truth.chosen(people), without_people(nobody) if nobody else []
    named = dict(models) if isinstance(models, Mapping) else {_name(each): each for each in models}
    if not named or len(named) < len(models):
        raise PosekitError("give models of different names, or a dict name → model")
    runs = {name: _Run(each, crops) for name, each in named.items()}
    broken: dict[str, str] = {}
    with shows_progress("comparing", len(pictures) + len(empty), "picture", shown=progress) as bar:
        for number, picture in enumerate([*pictures, *empty]):
            try:
                image = read_annotated(picture)
                for name in np.roll(list(runs), -number).tolist():
                    runs[name].answer(image, picture)
            except ImageError as error:
                broken[picture.name] = str(error)
            bar.update()
    evaluations = {
        name: evaluation(name, Answers(run.results, broken), truth, pictures, empty, people=people, crops=crops)
        for name, run in runs.items()
    }
    times = {name: run.milliseconds for name, run in runs.items()}
    first, sizes = {name: run.first for name, run in runs.items()}, {name: run.megabytes() for name, run in runs.items()}
    return Comparison(evaluations, times, first, sizes)


class _Run:
    """One model's run over the pictures."""

    def __init__(self, model: str | os.PathLike[str] | Model, crops: bool) -> None:
        start = time.perf_counter()
        self.model = load_model(model) if isinstance(model, (str, os.PathLike)) else model
        self._loading = time.perf_counter() - start
        self._crops = crops
        self.results: dict[int | str, list[dict[str, Any]]] = {}
        self.milliseconds: list[float] = []
        self.first = float("nan")

    def answer(self, image: RGB, picture: Picture) -> None:
        if np.isnan(self.first):  # the first call is slower; the picture is run again to be timed
            start = time.perf_counter()
            answer_to(self.model, image, picture, crops=self._crops)
            self.first = 1000 * (self._loading + time.perf_counter() - start)
        start = time.perf_counter()
        self.results[picture.id] = answer_to(self.model, image, picture, crops=self._crops)
        self.milliseconds.append(1000 * (time.perf_counter() - start))

    def megabytes(self) -> float:
        name = getattr(self.model, "name", None)
        path = getattr(self.model, "path", None)
        if (told := getattr(self.model, "megabytes", None)) is not None:
            return float(told)
        parts = [files.path(each) for each in ("multipose", "thunder")] if name == "crowd" else [path]
        return sum(each.stat().st_size / 1e6 if isinstance(each, Path) else float("nan") for each in parts)


def _name(model: str | os.PathLike[str] | Model) -> str:
    return str(model) if isinstance(model, (str, os.PathLike)) else model_name(model)
