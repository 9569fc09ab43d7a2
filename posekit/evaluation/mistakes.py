"""Classifies the error of every annotated keypoint, after Ronchi and Perona.

The limits and the definitions are those of M. R. Ronchi and P. Perona, "Benchmarking and error diagnosis in multi-instance pose
estimation", ICCV 2017, section 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posekit.evaluation.truth import Picture, labelled
from posekit.pose import FLIP, Floats, oks

#: The OKS from which a person counts as found.
FOUND_OKS = 0.1

#: Above the first, a keypoint is as good as another annotator's; below the second, it is nowhere near its true position.
GOOD_OKS, NEAR_OKS = 0.85, 0.5

#: The kinds of a keypoint. Jitter: near its true position. Inversion: on the other side of the same person. Swap: on somebody else.
#: Miss: elsewhere.
KINDS = ("good", "jitter", "inversion", "swap", "miss")


@dataclass(frozen=True)
class Judged:
    """One annotated person and the model's answer.

    Attributes:
        picture: the picture with the person.
        person: the annotation.
        result: what was found, in COCO's format; None: the person was not found.
        oks: (17,) the similarity of each keypoint, 0…1; NaN where it is not annotated; 0 where the person was not found.
        distance: (17,) the error in units of the longer side of the person's box; NaN where there is nothing to measure.
        kind: (17,) one of `KINDS`; "" where the keypoint is not annotated or the person was not found.
    """

    picture: Picture
    person: Mapping[str, Any]
    result: Mapping[str, Any] | None
    oks: Floats
    distance: Floats
    kind: NDArray[np.str_]

    @property
    def mean_oks(self) -> float:
        """COCO's OKS of the person."""
        return float(np.nanmean(self.oks))


def judged(evaluator: Any, pictures: Sequence[Picture]) -> list[Judged]:
    """Everybody who is annotated with keypoints, in the order of the pictures.

    Args:
        evaluator: what `scoring.matched` returned for these pictures at `FOUND_OKS`.
        pictures: the pictures.
    """
    found = {gt: dt for each in evaluator.evalImgs if each for gt, dt in zip(each["gtIds"], each["gtMatches"][0], strict=True)}
    return [
        _judge(picture, person, evaluator.cocoDt.anns.get(int(found.get(person["id"], 0))))
        for picture in pictures
        for person in picture.people
        if labelled(person)
    ]


def ghosts(evaluator: Any) -> list[Mapping[str, Any]]:
    """Results that match nobody, the most confident first, without those on a crowd or on a person without keypoints."""
    unmatched = [
        evaluator.cocoDt.anns[dt]
        for each in evaluator.evalImgs
        if each
        for dt, person, ignored in zip(each["dtIds"], each["dtMatches"][0], each["dtIgnore"][0], strict=True)
        if not person and not ignored
    ]
    return sorted(unmatched, key=lambda each: -each["score"])


def _judge(picture: Picture, person: Mapping[str, Any], result: Mapping[str, Any] | None) -> Judged:
    truth, shown = _points(person)
    nothing = np.full(17, np.nan, np.float32)
    if result is None:
        return Judged(picture, person, None, np.where(shown, np.float32(0), nothing), nothing, np.full(17, ""))
    xy, _ = _points(result)
    own = _similarity(xy, person)
    distance = np.linalg.norm(xy - truth, axis=1) / max(*person["bbox"][2:], 1)
    inverted = _similarity(xy, person, mirrored=True)
    others = [each for each in picture.people if each is not person and labelled(each)]
    elsewhere = [_similarity(xy, each, mirrored=side) for each in others for side in (False, True)]
    swapped = np.max(np.stack([np.zeros(17, np.float32), *elsewhere]), axis=0)
    conditions = [own >= GOOD_OKS, own >= NEAR_OKS, inverted >= NEAR_OKS, swapped >= NEAR_OKS]
    kind = np.where(shown, np.select(conditions, KINDS[:4], KINDS[4]), "")
    return Judged(picture, person, result, np.where(shown, own, nothing), np.where(shown, distance, nothing), kind)


def _similarity(xy: Floats, person: Mapping[str, Any], *, mirrored: bool = False) -> Floats:
    """The OKS of each keypoint with its annotation, or with that of the person's other side; 0 where there is no annotation."""
    truth, shown = _points(person)
    order = FLIP if mirrored else np.arange(17)
    square = np.array([0, 0, 1, max(person["area"], 1)], np.float32)  # a box of the person's area, to which COCO's OKS is relative
    return np.where(shown[order], oks(xy, truth[order], square), 0).astype(np.float32)


def _points(person: Mapping[str, Any]) -> tuple[Floats, NDArray[np.bool_]]:
    """Keypoints (17, 2), and a mask of those that are annotated."""
    points = np.array(person["keypoints"], np.float32).reshape(17, 3)
    return points[:, :2], points[:, 2] > 0
