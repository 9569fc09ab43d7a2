"""Where the joints of a rendered person are in the picture, and which of them can be seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from body import KEYPOINTS, Skeleton, angles
from clips import Clip
from numpy.typing import NDArray
from scene import Camera, Layer

# How deep a joint lies under the skin and the cloth that stand for it, metres.
DEPTH = {
    "nose": 0.03, "eye": 0.03, "ear": 0.035, "shoulder": 0.12, "elbow": 0.075,
    "wrist": 0.065, "hip": 0.19, "knee": 0.11, "ankle": 0.10,
}  # fmt: skip


def observe(bodies: Sequence[Skeleton], camera: Camera, layer: Layer) -> list[dict[str, Any]]:
    """Truth of one frame, for each person: `xy`, `visible`, `angles`."""
    people = []
    for index, body in enumerate(bodies):
        points = np.array([body.points[name] for name in KEYPOINTS])
        xy, distance = camera.project(points)
        people.append({"xy": xy, "visible": visible(xy, distance, layer, index), "angles": angles(body.points)})
    return people


def visible(xy: NDArray[np.float64], distance: NDArray[np.float64], layer: Layer, person: int) -> list[int]:
    """1 where a point lies in the picture and nothing but its own flesh stands before it."""
    rows, columns = layer.depth.shape
    seen = []
    for name, (x, y), far in zip(KEYPOINTS, xy, distance, strict=True):
        column, row = int(np.floor(x * layer.samples)), int(np.floor(y * layer.samples))
        if not (0 <= column < columns and 0 <= row < rows):
            seen.append(0)
            continue
        near = float(layer.depth[row, column])
        own = layer.person[row, column] in (person, -1)
        seen.append(int(near > far - (DEPTH[name.split("_")[-1]] if own else 0)))
    return seen


def record(clip: Clip, frames: Sequence[list[dict[str, Any]]]) -> dict[str, Any]:
    """The truth of a clip as the JSON that lies beside it."""
    people = []
    for index, person in enumerate(clip.who):
        mine = [frame[index] for frame in frames]
        entry: dict[str, Any] = {
            "name": person,
            "xy": [np.round(one["xy"], 1).tolist() for one in mine],
            "visible": [one["visible"] for one in mine],
            "angles": {key: [round(one["angles"][key], 1) for one in mine] for key in mine[0]["angles"]},
        }
        if clip.repetitions:
            entry["repetitions"] = clip.repetitions
        if clip.postures:
            entry["postures"] = list(clip.postures)
        people.append(entry)
    return {
        "name": clip.name, "width": clip.camera.width, "height": clip.camera.height, "fps": None if clip.still else clip.fps,
        "frames": len(frames), "licence": "CC0-1.0",
        "pixels": "x right, y down; the centre of the top left pixel is (0.5, 0.5)",
        "keypoints": list(KEYPOINTS), "people": people,
    }  # fmt: skip


def save(path: Path, truth: dict[str, Any]) -> None:
    """Write compact JSON."""
    path.write_text(json.dumps(truth, separators=(",", ":")) + "\n")
