"""Several people, located exactly: two models together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from posekit import models
from posekit.errors import PosekitError
from posekit.estimate.movenet import MoveNet
from posekit.estimate.refine import refine
from posekit.image import RGB, Region
from posekit.pose import Poses, nms, oks

#: What MultiPose sees, in pixels: a small square for large people, a larger one for small people. On 42 COCO train photos with 219
#: people, AP is 0.47; it is 0.41 with the first size alone, and 0.25 with MultiPose by itself. A third size, 512, improves pictures
#: of many people, but worsens those of one person.
SIZES = (256, 384)

#: People whom MultiPose detects with more than this confidence get a second look.
MIN_CANDIDATE_CONFIDENCE = 0.08

#: Default `min_confidence`, tried on the pictures that movenet.py describes: it misses 9 of 82 large people and finds somebody in 3
#: of 325 pictures without people.
MIN_CONFIDENCE = 0.13

#: Where one person reaches `MIN_CONFIDENCE`, this is enough for the others. In the 42 photos this finds eleven more people, all in
#: boxes that the annotators drew, and AP rises from 0.46 to 0.47. Pictures without people get no more false detections.
MIN_COMPANION_CONFIDENCE = 0.05

#: The side of the square for a live picture, in pixels: people are cut out of it and enlarged.
LIVE_SIZE = 512

#: Two poses whose mean OKS is at least this are of the same person.
NMS_OKS = 0.6


class Crowd:
    """MultiPose detects up to six people at each of two sizes, then Thunder re-estimates each person in a crop around them.

    It is called like `MoveNet`. The confidence weights Thunder's scores by how well MultiPose agrees, so that people whom only one
    of the two sees are dropped.

    Args:
        sizes: the sides of the squares that MultiPose sees, in pixels, multiples of 32.
        threads: for each interpreter; by default the number of cores.

    Attributes:
        name: `"crowd"`.
        input_size: side of the largest square that MultiPose sees, in pixels.
        live_size: side of the square that a live picture is shrunk to, in pixels.
        max_people: how many people it can find.

    Raises:
        DownloadError: one of the two models is missing and cannot be fetched.
        PosekitError: MultiPose does not take one of the sizes.
    """

    def __init__(self, *, sizes: Sequence[int] = SIZES, threads: int | None = None) -> None:
        self.name = "crowd"
        paths = {name: models.fetch(name) for name in ("multipose", "thunder")}
        self._detectors = [MoveNet(paths["multipose"], name="multipose", threads=threads, input_size=size) for size in sizes]
        self._thunder = MoveNet(paths["thunder"], name="thunder", threads=threads)
        self.input_size = max(sizes)
        self.live_size = LIVE_SIZE
        self.max_people = 6 * len(sizes)

    def look(self, image: RGB, region: Region | None = None) -> Poses:
        """All people whom MultiPose detects in a picture or a region of it, re-estimated by Thunder, the most confident first.

        Raises:
            ImageError: `image` is not (H, W, 3) uint8, or the region lies outside it.
        """
        found = [detector.look(image, region) for detector in self._detectors]
        strong = [poses[poses.confidence > MIN_CANDIDATE_CONFIDENCE] for poses in found]
        candidates = [poses[[i]] for poses in strong for i in range(len(poses))]
        people = [self._refined(image, candidate, candidates) for candidate in candidates]
        return nms(Poses.concat(people, (image.shape[1], image.shape[0])), NMS_OKS)

    def _refined(self, image: RGB, candidate: Poses, candidates: Sequence[Poses]) -> Poses:
        """Thunder's pose of one person, or MultiPose's own where Thunder took another candidate, who stands in front."""
        refined = refine(self._thunder, image, candidate)
        others = [_mean_oks(refined, other) for other in candidates if _mean_oks(candidate, other) < NMS_OKS]
        if max(others, default=0.0) > _mean_oks(refined, candidate):
            return replace(candidate, confidence=candidate.confidence * candidate.score.mean(axis=1))
        return refined

    def __call__(self, image: RGB, *, passes: int | None = None, min_confidence: float | None = None) -> Poses:
        """Finds the people in a picture.

        Args:
            image: (H, W, 3) uint8 RGB.
            passes: always 2.
            min_confidence: people whose confidence is lower are left out; by default a value measured for this model, and where
                one person reaches it, a lower one for the others.

        Returns:
            The people in pixels of `image`, the most confident first.

        Raises:
            ImageError: `image` is not such an array.
            PosekitError: `passes` is not 2.
        """
        if passes not in (None, 2):
            raise PosekitError(f"crowd always makes 2 passes, not {passes}")
        poses = self.look(image)
        if min_confidence is None:
            min_confidence = MIN_COMPANION_CONFIDENCE if poses.confidence.max(initial=0) >= MIN_CONFIDENCE else MIN_CONFIDENCE
        return poses[poses.confidence >= min_confidence]

    def default_min_confidence(self, passes: int) -> float:
        """The `min_confidence` that was measured for crowd."""
        return MIN_CONFIDENCE

    def __repr__(self) -> str:
        sizes = " and ".join(str(detector.input_size) for detector in self._detectors)
        return f"Crowd(multipose at {sizes}, then thunder, up to {self.max_people} people)"


def _mean_oks(a: Poses, b: Poses) -> float:
    return float(oks(a.xy, b.xy, b.box).mean())
