"""Compares models, outsiders among them, on the same pictures and cores: accuracy, time, size."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from posekit.evaluation import compare
from posekit.evaluation.outsiders import MediaPipe
from posekit.pose import KEYPOINTS
from posekit.samples import ground_truth, sample
from posekit.video import read_video

#: Every so many frames of a rendered clip one is taken.
STEP = 10


def benchmark(names: Sequence[str], annotations: str | None = None, images: str | None = None) -> dict[str, Any]:
    """Compares models on annotated pictures, by default on frames of the rendered clips, whose truth is exact.

    Args:
        names: models for `load_model`, and `mediapipe`; where there is only that, Lightning, Thunder and crowd stand beside it.
        annotations: a file in COCO's keypoint format.
        images: the folder with its pictures.

    Returns:
        `pictures`, how many; `models`: name → the columns of `Comparison.table`; None where there is no figure.

    Raises:
        PosekitError: the annotations cannot be used, or a model is unknown.
    """
    ours = () if set(names) - {MediaPipe.name} else ("lightning", "thunder", "crowd")
    with ExitStack() as stack:
        chosen = {name: stack.enter_context(closing(MediaPipe())) if name == MediaPipe.name else name for name in (*ours, *names)}
        folder = images or stack.enter_context(tempfile.TemporaryDirectory(prefix="posekit-"))
        found = compare(annotations or _rendered(Path(folder)), folder, chosen)
    pictures = len(next(iter(found.evaluations.values())).pictures)
    rows = {
        str(name): {str(column): None if value != value else float(value) for column, value in row.items()}
        for name, row in found.table.iterrows()
    }
    return {"pictures": pictures, "models": rows}


def _rendered(folder: Path) -> dict[str, Any]:
    """Writes frames of the rendered clips, and returns their truth in COCO's format."""
    category = {"id": 1, "name": "person", "keypoints": list(KEYPOINTS), "skeleton": []}
    content: dict[str, Any] = {"images": [], "annotations": [], "categories": [category]}
    for name in ("squats", "jumping_jacks", "walk", "two_people"):
        people = ground_truth(name)["people"]
        for number, frame in enumerate(read_video(sample(name))):
            if number % STEP == 0:
                size = {"width": frame.shape[1], "height": frame.shape[0]}
                file = {"id": len(content["images"]) + 1, "file_name": f"{name}_{number}.png", **size}
                Image.fromarray(frame).save(folder / file["file_name"])
                content["images"].append(file)
                for person in people:
                    content["annotations"].append(
                        _annotation(len(content["annotations"]) + 1, file, np.array(person["xy"][number]))
                    )
    return content


def _annotation(number: int, file: dict[str, Any], xy: Any) -> dict[str, Any]:
    """A person of whom all joints are known; the area is half the box, as with COCO's people on average."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    inside = ((xy >= 0) & (xy < (file["width"], file["height"]))).all(axis=1)
    points = np.where(inside[:, None], np.column_stack([xy, np.full(17, 2)]), 0)
    box = [*low.tolist(), *(high - low).tolist()]
    about = {"id": number, "image_id": file["id"], "category_id": 1, "iscrowd": 0}
    return {
        **about,
        "bbox": box,
        "area": box[2] * box[3] / 2,
        "keypoints": points.ravel().tolist(),
        "num_keypoints": int(inside.sum()),
    }


def report(result: dict[str, Any]) -> str:
    """The result of `benchmark` as a readable table."""
    columns = list(next(iter(result["models"].values())))
    lines = [
        f"{result['pictures']} pictures; low and high: 95 % interval of AP; ms: median for a picture; first: also ms",
        f"{'':<14}" + "".join(f"{column:>11}" for column in columns),
    ]
    for name, row in result["models"].items():
        lines.append(f"{name:<14}" + "".join(f"{'' if row[column] is None else f'{row[column]:.3f}':>11}" for column in columns))
    return "\n".join(lines)
