"""Examples of postures from pictures."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Protocol

from posekit.errors import ImageError, PosekitError
from posekit.image import RGB, read_image
from posekit.pose import Pose, Poses


class Finder(Protocol):
    """What finds poses in a picture: a model of `load_model`."""

    def __call__(self, image: RGB) -> Poses:
        """The people in a picture."""
        ...


def read_postures(folder: str | Path, model: Finder) -> tuple[list[Pose], list[str]]:
    """Collects examples from pictures: a folder for each posture, named after it.

    Args:
        folder: of these folders.
        model: of `load_model`.

    Returns:
        The surest person of each picture, and the labels. Files that are no pictures, and pictures without anybody, are left out;
        a warning counts them.

    Raises:
        PosekitError: there is no such folder, or nobody in it.
    """
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
