"""Many people, exactly: two models together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from posekit import models
from posekit.errors import PosekitError
from posekit.estimate.movenet import MoveNet
from posekit.estimate.refine import refine
from posekit.image import RGB, Region
from posekit.pose import Poses, nms, oks

#: MultiPose looks small, for large people, and larger, for small ones; whom it claims at all gets a second look. Tried on 42 COCO
#: train photos with 219 people: AP 0.44, with the first size alone 0.38, MultiPose by itself 0.25. Of 325 pictures without anybody
#: 4 get through, and all of 86 large people.
SIZES = (256, 384)
MIN_CANDIDATE_CONFIDENCE = 0.08
MIN_CONFIDENCE = 0.13

#: The side of the square for a live picture, in pixels: people are cut out of it and enlarged.
LIVE_SIZE = 512

#: Two poses that are more alike (mean OKS) are the same person.
NMS_OKS = 0.6


class Crowd:
    """MultiPose finds up to six people at each of its sizes, then Thunder looks at each one from near.

    It is called like `MoveNet`. The confidence weighs Thunder's scores by how well MultiPose agrees: without that, nobody is there.

    Attributes:
        name: `"crowd"`.
        input_size: side of the largest square that MultiPose sees, in pixels.
        max_people: how many people it can find.
    """

    def __init__(self, *, sizes: Sequence[int] = SIZES, threads: int | None = None) -> None:
        self.name = "crowd"
        paths = {name: models.fetch(name) for name in ("multipose", "thunder")}
        self._finders = [MoveNet(paths["multipose"], name="multipose", threads=threads, input_size=size) for size in sizes]
        self._closer = MoveNet(paths["thunder"], name="thunder", threads=threads)
        self.input_size = max(sizes)
        self.live_size = LIVE_SIZE
        self.max_people = 6 * len(sizes)

    def look(self, image: RGB, region: Region | None = None) -> Poses:
        """All people that MultiPose claims in a picture, or a region of it, each seen from near by Thunder, the surest first.

        Raises:
            ImageError: `image` is not (H, W, 3) uint8, or the region lies outside it.
        """
        found = [finder.look(image, region) for finder in self._finders]
        claims = [poses[[i]] for poses in found for i in np.flatnonzero(poses.confidence > MIN_CANDIDATE_CONFIDENCE).tolist()]
        people = [self._from_near(image, claim, claims) for claim in claims]
        return nms(Poses.concat(people, (image.shape[1], image.shape[0])), NMS_OKS)

    def _from_near(self, image: RGB, claim: Poses, claims: Sequence[Poses]) -> Poses:
        """Thunder's look at one person. Where it takes somebody in front, whom another claim describes better, MultiPose's own."""
        seen = refine(self._closer, image, claim)
        others = [_mean_oks(seen, other) for other in claims if _mean_oks(claim, other) < NMS_OKS]
        if max(others, default=0.0) > _mean_oks(seen, claim):
            return replace(claim, confidence=claim.confidence * claim.score.mean(axis=1))
        return seen

    def __call__(self, image: RGB, *, passes: int | None = None, min_confidence: float | None = None) -> Poses:
        """Finds the people in a picture.

        Args:
            image: (H, W, 3) uint8 RGB.
            passes: always 2.
            min_confidence: people whose confidence is lower are left out; by default a value measured for this model.

        Raises:
            ImageError: `image` is no such array.
            PosekitError: `passes` is not 2.
        """
        if passes not in (None, 2):
            raise PosekitError(f"crowd always makes 2 passes, not {passes}")
        poses = self.look(image)
        return poses[poses.confidence >= (MIN_CONFIDENCE if min_confidence is None else min_confidence)]

    def default_min_confidence(self, passes: int) -> float:
        """The `min_confidence` that was measured for crowd."""
        return MIN_CONFIDENCE

    def __repr__(self) -> str:
        sizes = " and ".join(str(finder.input_size) for finder in self._finders)
        return f"Crowd(multipose at {sizes}, then thunder, up to {self.max_people} people)"


def _mean_oks(a: Poses, b: Poses) -> float:
    return float(oks(a.xy, b.xy, b.box).mean())
