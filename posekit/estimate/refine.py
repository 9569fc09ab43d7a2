"""The second look: re-estimates a person in a crop around them, and measures how well the two looks agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from posekit.estimate.protocol import PoseModel
from posekit.image import RGB, Region
from posekit.pose import FLIP, Poses, oks

#: Keypoints over this score say where the body is: the second look is cut around them. 0.05 to 0.3 were tried on 48 views of one
#: person each in 24 COCO train photos; in five folds of the photos 0.1 gains on 0.15, which was the value before, or is its equal.
MIN_LOCATED_SCORE = 0.1

#: The crop needs at least so many of them; else it goes around the four keypoints with the best scores.
MIN_LOCATED_POINTS = 3


def refine(model: PoseModel, image: RGB, first: Poses) -> Poses:
    """Re-estimates the one person of `first` in a crop around them.

    Returns:
        The second look; its confidence is 0 where the crop would lie outside the picture, else that of `agreement`.
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

    Where there is nobody, two looks find different things, and the confidence is low.

    Args:
        first: one person.
        second: the same person, looked at again.
        tolerance: that of `oks`: how much farther apart the two may be than COCO's annotators are.
    """
    # Of somebody seen from behind, or without the head, one look may mistake left for right.
    orders = (first.xy, first.xy[:, FLIP])
    confidence = np.maximum(*((second.score * oks(xy, second.xy, second.box, tolerance)).mean(axis=1) for xy in orders))
    return replace(second, confidence=confidence)
