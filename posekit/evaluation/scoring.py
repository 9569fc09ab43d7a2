"""COCO's keypoint metric, by its reference implementation: pycocotools computes every figure."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from posekit.errors import require
from posekit.evaluation.truth import Picture
from posekit.pose import KEYPOINTS

#: The figures in the order of pycocotools' summary.
FIGURES = ("ap", "ap50", "ap75", "ap_medium", "ap_large", "ar", "ar50", "ar75", "ar_medium", "ar_large")

#: The number of bootstrap samples for the interval.
RESAMPLES = 1000


def matched(
    pictures: Sequence[Picture], results: Sequence[Mapping[str, Any]], category: int, *, threshold: float | None = None
) -> Any:
    """Matches results to people, and returns the `COCOeval`.

    Args:
        pictures: the pictures, with their annotations.
        results: the results for these pictures, in COCO's format.
        category: the id of the category of people.
        threshold: the only OKS at which to match, whatever the size of people; by default matches as COCO's metric does.
    """
    require("pycocotools", extra="evaluate")
    cocoeval = require("pycocotools.cocoeval", extra="evaluate")
    with _silence():
        truth = _index(pictures, [dict(person) for each in pictures for person in each.people], category)
        found = (
            truth.loadRes([{**each, "category_id": category} for each in results]) if results else _index(pictures, [], category)
        )
        evaluator = cocoeval.COCOeval(truth, found, "keypoints")
        evaluator.params.catIds = [category]
        if threshold is not None:
            evaluator.params.iouThrs = np.array([threshold])
            evaluator.params.areaRng, evaluator.params.areaRngLbl = evaluator.params.areaRng[:1], ["all"]
        evaluator.evaluate()
    return evaluator


def _index(pictures: Sequence[Picture], annotations: list[dict[str, Any]], category: int) -> Any:
    coco = require("pycocotools.coco", extra="evaluate").COCO()
    coco.dataset = {
        "info": {},
        "images": [{"id": each.id} for each in pictures],
        "annotations": annotations,
        "categories": [{"id": category, "name": "person", "keypoints": list(KEYPOINTS)}],
    }
    coco.createIndex()
    return coco


def figures(evaluator: Any) -> dict[str, float]:
    """AP, AR and their variants, 0…1; NaN where there is nobody of that size (pycocotools says −1)."""
    with _silence():
        evaluator.accumulate()
        evaluator.summarize()
    return {name: float("nan") if each == -1 else float(each) for name, each in zip(FIGURES, evaluator.stats, strict=True)}


def bootstrap(evaluator: Any, *, resamples: int = RESAMPLES, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of AP, by the percentile bootstrap over pictures (Efron 1979): people in one picture belong together.

    Matching happens within a picture, so it is done once. Only pycocotools' accumulation is repeated, over as many pictures
    drawn with replacement.

    Args:
        evaluator: what `matched` returned.
        resamples: the number of bootstrap samples.
        seed: seed of the random numbers.

    Returns:
        The low and the high end.
    """
    rng = np.random.default_rng(seed)
    pictures = len(evaluator.params.imgIds)
    whole, chosen = evaluator.evalImgs, evaluator.params
    only = evaluator.params.__class__("keypoints")
    only.__dict__.update({**chosen.__dict__, "areaRng": chosen.areaRng[:1], "areaRngLbl": ["all"]})
    values = []
    for _ in range(resamples):
        evaluator.evalImgs = [whole[i] for i in rng.integers(pictures, size=pictures)]  # the first block is for people of all sizes
        with _silence():
            evaluator.accumulate(only)
        precision = evaluator.eval["precision"]
        if (precision > -1).any():  # else the sample has no people
            values.append(precision[precision > -1].mean())
    evaluator.evalImgs = whole
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keeps pycocotools from printing."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield
