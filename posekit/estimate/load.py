"""Models by name, ready to run."""

from __future__ import annotations

import os
from pathlib import Path

from posekit import models
from posekit.errors import UnknownModelError, nearest
from posekit.estimate.crowd import SIZES, Crowd
from posekit.estimate.movenet import MoveNet
from posekit.estimate.protocol import PoseModel
from posekit.models import CATALOGUE

#: The names that `load_model` takes; it also takes paths.
NAMES = (*CATALOGUE, "crowd")


def load_model(
    name: str | os.PathLike[str] = "lightning", *, threads: int | None = None, input_size: int | None = None
) -> PoseModel:
    """Loads a model, fetching it first where it is missing.

    Args:
        name: a name in the catalogue (see `posekit models`); `"crowd"`, which is MultiPose and Thunder together; or the path of a
            .tflite file.
        threads: how many threads the interpreter uses; by default the number of cores.
        input_size: the longer side of what MultiPose sees, in pixels, a multiple of 32; small people need more than the default of
            256.

    Raises:
        UnknownModelError: no model has that name, or the file is not MoveNet.
        DownloadError: it is missing and cannot be fetched.
        PosekitError: the model does not take that input size.
    """
    if name == "crowd":
        return Crowd(sizes=SIZES if input_size is None else (input_size,), threads=threads)
    if str(name) in CATALOGUE:
        return MoveNet(models.fetch(str(name)), name=str(name), threads=threads, input_size=input_size)
    path = Path(name)
    if path.suffix == ".tflite" or path.exists():
        return MoveNet(path, name=path.stem, threads=threads, input_size=input_size)
    raise UnknownModelError(f"there is no model {str(name)!r}; {nearest(name, NAMES)}, or the path of a .tflite file")
