"""Folders of pictures, in natural order: 2 comes before 10."""

from __future__ import annotations

import re
from pathlib import Path

from posekit.errors import ImageError

#: The suffixes of the formats that `read_image` reads.
SUFFIXES = frozenset({
    ".avif", ".bmp", ".gif", ".heic", ".heif", ".ico", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg",
    ".pbm", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp",
})  # fmt: skip


def pictures_in(folder: Path) -> list[Path]:
    """The files in a folder with a picture's suffix, in natural order; hidden files and subfolders are left out.

    Raises:
        ImageError: the folder cannot be read, or has no pictures.
    """
    try:
        files = [file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES and file.name[0] != "." and file.is_file()]
    except OSError as error:
        raise ImageError(f"cannot read the folder {folder}: {error.strerror or error}") from error
    if not files:
        raise ImageError(f"there are no pictures in the folder {folder} (JPEG, PNG, HEIC, …)")
    return sorted(files, key=lambda file: natural_key(file.name))


def natural_key(name: str) -> tuple[list[int | str], str]:
    """A sort key that puts `frame2` before `frame10`, whatever the case of letters."""
    parts = re.split(r"([0-9]+)", name)  # text, number, text, …
    return [int(part) if i % 2 else part.casefold() for i, part in enumerate(parts)], name
