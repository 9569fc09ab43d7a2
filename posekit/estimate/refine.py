"""The second look: re-estimates a person in a crop around them, and measures how well the two looks agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from posekit.estimate.protocol import PoseModel
from posekit.image import RGB, Region
from posekit.pose import FLIP, Poses, oks

#: Keypoints over this score say where the body is: the crop of the second look goes around them. 0.05 to 0.3 were tried on 48 views
#: of one person each in 24 COCO train photos; in five folds of the photos, 0.1 is better than the earlier value, 0.15, or equal.
MIN_LOCATED_SCORE = 0.1

#: The crop needs at least this many of them; else it goes around the four keypoints with the highest scores.
MIN_LOCATED_POINTS = 3


def refine(model: PoseModel, image: RGB, first: Poses) -> Poses:
    """Re-estimates the one person of `first` in a crop around them.

    Returns:
        The second look, with the confidence of `agreement`; `first` with confidence 0 where the crop lies outside the picture.
    """
    region = refine_region(first)
    if not region.overlaps(first.size):
        return replace(first, confidence=np.zeros(1, np.float32))
    return agreement(first, model.look(image, region))


def refine_region(first: Poses) -> Region:
    """The crop for a second look at the one person of `first`: a square around the keypoints that were located."""
    located = first.score[0] > MIN_LOCATED_SCORE
    if located.sum() < MIN_LOCATED_POINTS:
        located = first.score[0] >= np.sort(first.score[0])[-4]
    return Region.around(first.xy[0, located], first.size)


def agreement(first: Poses, second: Poses, tolerance: float = 1.0) -> Poses:
    """`second` with a new confidence: the mean of its scores, each weighted by how well the two looks agree there.

    Where there is nobody, the two looks find different points, and the confidence is low.

    Args:
        first: one person.
        second: the same person, looked at again.
        tolerance: as for `oks`: 2 lets the two poses be twice as far apart.
    """
    # One look may mistake left for right where somebody is seen from behind, or without the head.
    orders = (first.xy, first.xy[:, FLIP])
    confidence = np.maximum(*((second.score * oks(xy, second.xy, second.box, tolerance)).mean(axis=1) for xy in orders))
    return replace(second, confidence=confidence)
