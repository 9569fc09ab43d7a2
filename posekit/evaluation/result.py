"""The result of an evaluation: COCO's figures and their interval, keypoints and the worst people, as files, a page and tables."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.atomic import write_bytes
from posekit.errors import PosekitError, require
from posekit.evaluation import mistakes, scoring
from posekit.evaluation.predict import Result
from posekit.evaluation.truth import Picture
from posekit.pose import KEYPOINTS, count_people

if TYPE_CHECKING:
    import pandas

#: A keypoint counts for PCK when it lies within this share of the longer side of the person's box (Yang and Ramanan 2013,
#: "Articulated human detection with flexible mixtures of parts").
PCK_SHARE = 0.1


@dataclass(frozen=True, repr=False)
class Evaluation:
    """A model's accuracy on annotated pictures.

    Attributes:
        model: its name.
        people: `"all"` or `"one"`.
        crops: whether the model saw each person cropped to the true box.
        pictures: the annotated pictures that could be read.
        results: the model's answers, in COCO's results format.
        broken: the name of each picture that could not be read → why. The figures leave these out.
        without_people: the number of pictures that show nobody.
        ghosts: the names of those in which the model finds somebody nevertheless.
        category: the id that people have in the annotations.
        figures: COCO's ten figures by name, 0…1; NaN where there is nobody of that size.
    """

    model: str
    people: str
    crops: bool
    pictures: Sequence[Picture]
    results: Sequence[Result]
    broken: Mapping[str, str]
    without_people: int
    ghosts: tuple[str, ...]
    category: int
    figures: Mapping[str, float] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "figures", scoring.figures(self._matched))

    @property
    def ap(self) -> float:
        """Average precision, averaged over OKS limits of 0.50, 0.55 … 0.95: COCO's main figure."""
        return self.figures["ap"]

    @property
    def ap50(self) -> float:
        """Average precision at an OKS limit of 0.50."""
        return self.figures["ap50"]

    @property
    def ap75(self) -> float:
        """Average precision at an OKS limit of 0.75."""
        return self.figures["ap75"]

    @property
    def ap_medium(self) -> float:
        """Average precision for people of 32² to 96² pixels; NaN without any."""
        return self.figures["ap_medium"]

    @property
    def ap_large(self) -> float:
        """Average precision for people over 96² pixels; NaN without any."""
        return self.figures["ap_large"]

    @property
    def ar(self) -> float:
        """Average recall, averaged over the same OKS limits."""
        return self.figures["ar"]

    @cached_property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of `ap`, by bootstrap over the pictures: the range to expect from other pictures of the same kind."""
        return scoring.bootstrap(self._matched)

    @cached_property
    def per_keypoint(self) -> pandas.DataFrame:
        """A table with a row for each keypoint, and one for all.

        Its columns are `annotated`, how many are; `pck`, the share of those that are within 10 % of the longer side of the person's
        box, where keypoints of people who were not found count as wrong; and for the people who were found (OKS over 0.1) `error`,
        the mean distance in units of that side; `oks`, the mean similarity; `good`, `jitter`, `inversion`, `swap`, `miss`, the
        share of each kind.
        """
        pd = require("pandas", extra="evaluate")
        oks, distance, kind = (np.stack([getattr(each, name) for each in self.judged]) for name in ("oks", "distance", "kind"))
        rows = [_row(oks[:, [i]], distance[:, [i]], kind[:, [i]]) for i in range(17)]
        table: pandas.DataFrame = pd.DataFrame([*rows, _row(oks, distance, kind)], index=[*KEYPOINTS, "all"])
        return table.rename_axis("keypoint")

    def worst(self, n: int = 12, *, found: bool | None = None) -> pandas.DataFrame:
        """The people with the lowest OKS; of people with the same OKS, the larger one comes first.

        Args:
            n: how many at most.
            found: True for only those whom the model found, False for only those whom it missed; by default both.

        Returns:
            A row for each: picture, annotation (their ids), file, area in pixels, found, oks, and how many keypoints were good,
            jitter, inversion, swap and miss.
        """
        pd = require("pandas", extra="evaluate")
        rows: pandas.DataFrame = pd.DataFrame([_person(each) for each in self.worst_judged(n, found=found)])
        return rows

    def worst_judged(self, n: int, *, found: bool | None = None) -> list[mistakes.Judged]:
        """The people of `worst`, with their annotations and the model's answers."""
        some = [each for each in self.judged if found in (None, each.result is not None)]
        return sorted(some, key=lambda each: (each.mean_oks, -each.person["area"]))[:n]

    @cached_property
    def judged(self) -> list[mistakes.Judged]:
        """Everybody who is annotated with keypoints, and the model's answers."""
        return mistakes.judged(self._loose, self.pictures)

    @cached_property
    def false_people(self) -> list[Mapping[str, Any]]:
        """Results in the annotated pictures that match nobody, the most confident first."""
        return mistakes.ghosts(self._loose)

    @cached_property
    def _matched(self) -> Any:
        return scoring.matched(self.pictures, self.results, self.category)

    @cached_property
    def _loose(self) -> Any:
        return scoring.matched(self.pictures, self.results, self.category, threshold=mistakes.FOUND_OKS)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the results as a file in COCO's format; `evaluate` and pycocotools read it.

        Raises:
            PosekitError: it cannot be written.
        """
        return _write(Path(path), json.dumps(self.results))

    def report(self, path: str | os.PathLike[str], *, gallery: int = 12) -> Path:
        """Writes a self-contained HTML page: the figures, and the worst people beside their truth.

        Args:
            path: where to write it; ends in .html.
            gallery: how many people of each kind are shown.

        Returns:
            The path.

        Raises:
            PosekitError: it cannot be written.
        """
        from posekit.evaluation.report import page

        return _write(Path(path), page(self, gallery))

    def to_pandas(self) -> pandas.DataFrame:
        """One row, for comparisons: model, people, pictures, the ten figures, low and high of the interval, ghosts."""
        pd = require("pandas", extra="evaluate")
        low, high = self.interval
        about = {"model": self.model, "people": self.people, "pictures": len(self.pictures)}
        counts = {"without_people": self.without_people, "ghosts": len(self.ghosts), "broken": len(self.broken)}
        table: pandas.DataFrame = pd.DataFrame([{**about, **self.figures, "low": low, "high": high, **counts}])
        return table

    def __repr__(self) -> str:
        broken = f", {len(self.broken)} could not be read" if self.broken else ""
        ghosts = f", ghosts in {len(self.ghosts)} of {self.without_people} without people" if self.without_people else ""
        pictures = f"{len(self.pictures)} picture{'s' * (len(self.pictures) != 1)}"
        figures = f"AP {self.ap:.3f}, AP50 {self.ap50:.3f}, AP75 {self.ap75:.3f}, AR {self.ar:.3f}"
        return f"Evaluation({self.model}: {figures}; {pictures}, {count_people(len(self.judged))}{broken}{ghosts})"

    def _repr_html_(self) -> str:
        from posekit.evaluation.report import figures_table

        return f"<p><code>{escape(repr(self))}</code></p>{figures_table(self)}"


def _row(oks: Any, distance: Any, kind: Any) -> dict[str, float]:
    annotated, found = np.isfinite(oks).sum(), np.isfinite(distance)
    shares = {name: float((kind == name).sum() / max(found.sum(), 1)) for name in mistakes.KINDS}
    measured = {"error": distance[found].mean(), "oks": oks[found].mean()} if found.any() else {"error": np.nan, "oks": np.nan}
    pck = float((distance <= PCK_SHARE).sum() / annotated) if annotated else np.nan
    return {"annotated": int(annotated), "pck": pck, **{key: float(each) for key, each in measured.items()}, **shares}


def _person(each: mistakes.Judged) -> dict[str, Any]:
    ids = {"picture": each.picture.id, "annotation": each.person["annotation_id"], "file": each.picture.name}
    seen = {"area": each.person["area"], "found": each.result is not None, "oks": each.mean_oks}
    return {**ids, **seen, **{kind: int((each.kind == kind).sum()) for kind in mistakes.KINDS}}


def _write(path: Path, text: str) -> Path:
    try:
        write_bytes(path, text.encode())
    except OSError as error:
        raise PosekitError(f"cannot write {path}: {error.strerror or error}") from error
    return path
