"""Frames of the rendered clips as annotated pictures: a small, exactly annotated data set that is always at hand."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from posekit.errors import PosekitError
from posekit.image import RGB
from posekit.pose import KEYPOINTS
from posekit.samples import ground_truth


def rendered_pictures(
    clips: Mapping[str, Iterable[RGB]], folder: str | os.PathLike[str], *, every: int = 10
) -> dict[str, list[dict[str, Any]]]:
    """Writes frames of rendered clips as pictures, for `evaluate` and `compare`.

    Args:
        clips: name of a rendered sample → its frames, such as `read_video(sample("walk"))`.
        folder: an existing folder for the pictures, NAME_FRAME.png.
        every: the step from one frame that is taken to the next; the first frame is always taken.

    Returns:
        The truth in COCO's keypoint format: `images`, `annotations`, `categories`. An annotation also has the person's `name`.

    Raises:
        PosekitError: a clip has no exact truth, or `every` is not positive.
        OSError: a picture cannot be written.
    """
    if every < 1:
        raise PosekitError(f"every must be 1 or more, not {every}")
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for clip, frames in clips.items():
        people = ground_truth(clip)["people"]
        for number, frame in islice(enumerate(frames), 0, None, every):
            size = {"width": frame.shape[1], "height": frame.shape[0]}
            image = {"id": len(images) + 1, "file_name": f"{clip}_{number}.png", **size}
            Image.fromarray(frame).save(Path(folder) / image["file_name"], compress_level=1)
            images.append(image)
            for person in people:
                about = {"id": len(annotations) + 1, "image_id": image["id"], "category_id": 1, "name": person["name"]}
                annotations.append({**about, **_annotation(np.array(person["xy"][number]), image)})
    category = {"id": 1, "name": "person", "keypoints": list(KEYPOINTS), "skeleton": []}
    return {"images": images, "annotations": annotations, "categories": [category]}


def _annotation(xy: Any, image: Mapping[str, Any]) -> dict[str, Any]:
    """A person whose joints in the picture are all known; the area is half that of the box, COCO's average."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    inside = ((xy >= 0) & (xy < (image["width"], image["height"]))).all(axis=1)
    points = np.where(inside[:, None], np.column_stack([xy, np.full(17, 2)]), 0)
    box = [*low.tolist(), *(high - low).tolist()]
    counted = {"num_keypoints": int(inside.sum()), "iscrowd": 0}
    return {"bbox": box, "area": box[2] * box[3] / 2, "keypoints": points.ravel().tolist(), **counted}
