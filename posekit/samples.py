"""The sample data by name, from a clone or an installed wheel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from posekit.errors import PosekitError, nearest

#: Name → file. The clips and `person` are rendered, so their joints are known exactly; `astronaut` is a photo.
SAMPLES = {
    "astronaut": "astronaut.jpg",
    "person": "person.png",
    "squats": "squats.mp4",
    "jumping_jacks": "jumping_jacks.mp4",
    "walk": "walk.mp4",
    "two_people": "two_people.mp4",
    **{
        name: f"{name}.mp4"
        for name in (
            *("push_ups", "sit_ups", "lunges", "curls", "half_squats", "slow_squats", "fast_squats", "paused_squats"),
            *("tree", "postures_ada", "postures_leo", "postures_mia", "postures_tom"),
        )
    },
    "people": "people.webp",
}


def sample(name: str) -> Path:
    """The path of a sample picture or clip.

    Args:
        name: astronaut or person (pictures), people (a sheet of stills), or squats, jumping_jacks, walk, two_people and 13
            other clips, which data/README.md lists.

    Raises:
        PosekitError: there is no sample of that name.
    """
    if name not in SAMPLES:
        raise PosekitError(f"there is no sample {name!r}; {nearest(name, tuple(SAMPLES))}")
    return _folder() / SAMPLES[name]


def ground_truth(name: str) -> dict[str, Any]:
    """The true joint positions of a rendered sample; data/README.md describes the format.

    Raises:
        PosekitError: the sample is unknown, or is a photo, which has no exact ground truth.
    """
    file = sample(name).with_suffix(".json")
    if not file.is_file():
        raise PosekitError(f"{name} is a photo; only rendered samples have an exact truth")
    content: dict[str, Any] = json.loads(file.read_text())
    return content


def _folder() -> Path:
    here = Path(__file__).parent
    return here / "data" if (here / "data").is_dir() else here.parent / "data"
