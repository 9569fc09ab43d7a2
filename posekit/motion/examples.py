"""Examples of postures: from pictures, or from points alone."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from posekit.errors import ImageError, PosekitError
from posekit.image import RGB, read_image
from posekit.pose import Pose, Poses


class Finder(Protocol):
    """Finds poses in a picture, as a model of `load_model` does."""

    def __call__(self, image: RGB) -> Poses:
        """Finds the people in a picture."""
        ...


def read_postures(folder: str | Path, model: Finder) -> tuple[list[Pose], list[str]]:
    """Collects examples from pictures in a folder for each posture, named after it.

    Args:
        folder: the folder that contains these folders.
        model: what `load_model` returns.

    Returns:
        The most confident person in each picture, and the labels. Files that are not pictures, and pictures without people, are
        left out; a warning counts them.

    Raises:
        PosekitError: there is no such folder, or there is nobody in its pictures.
    """
    if not isinstance(folder, str | Path) or not callable(model):
        raise PosekitError(f"expected a folder and a model of load_model; got {folder!r} and {model!r}")
    folder = Path(folder)
    files = sorted(path for path in folder.glob("*/*") if path.is_file() and not path.name.startswith("."))
    poses, labels, skipped = [], [], []
    for path in files:
        try:
            found = model(read_image(path))
        except ImageError:
            found = Poses.empty((0, 0))
        if len(found):
            poses.append(found[0])
            labels.append(path.parent.name)
        else:
            skipped.append(path.name)
    if not poses:
        raise PosekitError(
            f"expected {folder} to hold a folder of pictures for each posture; nobody is in {len(files)} files there"
        )
    if skipped:
        warnings.warn(f"nobody was found in {len(skipped)} of {len(files)} files: {', '.join(skipped[:5])}", stacklevel=2)
    return poses, labels


def pose_of(points: NDArray[Any], size: tuple[int, int] = (0, 0)) -> Pose:
    """Makes a pose of a person of whom only the points are known.

    Args:
        points: (17, 3) x, y in pixels, and score.
        size: (width, height) of the picture.

    Raises:
        PosekitError: they are not 17 points, or not numbers.
    """
    try:
        numbers = np.asarray(points, float)
    except (TypeError, ValueError) as error:
        raise PosekitError(f"expected x, y and score of 17 points, all of them numbers: {error}") from None
    if numbers.shape != (17, 3) or not np.isfinite(numbers).all():
        raise PosekitError(f"expected x, y and score of 17 points, all of them numbers; got an array of shape {numbers.shape}")
    xy, score = numbers[:, :2], numbers[:, 2]
    return Pose(xy, score, np.concatenate([xy.min(axis=0), xy.max(axis=0)]), float(score.mean()), size)
