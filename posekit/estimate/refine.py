"""The second look: re-estimates a person in a crop around them, and says how well the two looks agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from posekit.estimate.protocol import PoseModel
from posekit.image import RGB, Region
from posekit.pose import FLIP, Poses, oks

#: Keypoints over this score say where the body is, for the second look.
MIN_LOCATED_SCORE = 0.15


def refine(model: PoseModel, image: RGB, first: Poses) -> Poses:
    """A look from near at the one person of `first`; the confidence weighs each score by how well the two looks agree."""
    region = refine_region(first)
    if not region.overlaps(first.size):
        return replace(first, confidence=np.zeros(1, np.float32))
    return agreement(first, model.look(image, region))


def refine_region(first: Poses) -> Region:
    """Where a second look at the one person of `first` goes: a square around what was located."""
    located = first.score[0] > MIN_LOCATED_SCORE
    if located.sum() < 3:  # hardly anything: look where the four best points are
        located = first.score[0] >= np.sort(first.score[0])[-4]
    return Region.around(first.xy[0, located], first.size)


def agreement(first: Poses, second: Poses, tolerance: float = 1.0) -> Poses:
    """`second`, its confidence the mean of its scores, each weighed by how well the two looks at the one person agree.

    Where there is nobody, two looks see different things. `tolerance` is that of `similarity`.
    """
    # Of somebody without a head, or from behind, one of the looks may take left for right.
    ways = (first.xy, first.xy[:, FLIP])
    sure = np.maximum(*((second.score * oks(xy, second.xy, second.box, tolerance)).mean(axis=1) for xy in ways))
    return replace(second, confidence=sure)
