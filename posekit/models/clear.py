"""Deletes fetched model files."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from posekit.errors import PosekitError
from posekit.models import runtime, store
from posekit.models.catalogue import CATALOGUE


def fetched(names: Iterable[str] = ()) -> list[Path]:
    """The files and folders that posekit has fetched (those that have a record), each followed by its record.

    Without names, LiteRT.js is included.

    Args:
        names: names in the catalogue; all if empty.

    Raises:
        UnknownModelError: no model has that name.
    """
    found = []
    for name in list(names) or CATALOGUE:
        model = store.path(name)
        for file in (model, model.with_name(f"{name}_saved_model")):
            record = file.with_suffix(".json")
            if record.is_file() and not (file == model and store.status(name) == "foreign"):
                found += [each for each in (file, record) if each.exists()]
    return found if names or not runtime.place().is_dir() else [*found, runtime.place()]


def size(place: Path) -> int:
    """The size in bytes of a file, or of all files below a folder."""
    return sum(file.stat().st_size for file in (place.rglob("*") if place.is_dir() else [place]) if file.is_file())


def clear(places: list[Path]) -> None:
    """Deletes files and folders in the models folder.

    Raises:
        PosekitError: one of them cannot be deleted.
    """
    with store.locked(store.folder()):
        for place in places:
            try:
                shutil.rmtree(place) if place.is_dir() and not place.is_symlink() else place.unlink(missing_ok=True)
            except OSError as error:
                raise PosekitError(f"cannot delete {place}: {error.strerror or error}") from error
