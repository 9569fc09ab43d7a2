"""Names for files written into a folder: unique within a run, and never those of existing files unless requested."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from posekit import atomic
from posekit.errors import PosekitError

#: The longest file name that common file systems take, in bytes.
_MAX_NAME = 255


class Targets:
    """The targets of one run.

    Args:
        folder: the folder of the targets, which is created.
        ending: what is appended to a source's name, such as `_pose.png`.
        overwrite: whether existing files may be replaced.

    Raises:
        PosekitError: the folder cannot be created.
    """

    def __init__(self, folder: Path, ending: str, *, overwrite: bool = False) -> None:
        self.folder, self.ending, self.overwrite = folder, ending, overwrite
        self._given: set[str] = set()
        with _explained(folder):
            folder.mkdir(parents=True, exist_ok=True)

    def name(self, source: str) -> Path:
        """The target for a picture or a clip, numbered if another target of this run has that name.

        Raises:
            PosekitError: a file of that name exists.
        """
        stem, number = _stem(source), 1
        while (target := self._numbered(stem, number)).name.casefold() in self._given:  # some file systems ignore case
            number += 1
        self._given.add(target.name.casefold())
        if not self.overwrite:
            check_free(target)
        return target

    def write(self, target: Path, content: bytes) -> None:
        """Writes a file, whole or not at all.

        Raises:
            PosekitError: it cannot be written, or another program has created a file of that name in the meantime.
        """
        with _explained(target), atomic.replacing(target) as part:
            part.write_bytes(content)
            if not self.overwrite:
                _claim(part, target)

    def _numbered(self, stem: str, number: int) -> Path:
        ending = f"_{number}{self.ending}" if number > 1 else self.ending
        room = _MAX_NAME - len(os.fsencode(ending))
        short = stem if len(os.fsencode(stem)) <= room else os.fsencode(stem)[:room].decode(errors="ignore")
        return self.folder / f"{short}{ending}"


def _stem(source: str) -> str:
    if source.startswith(("http://", "https://")):
        return PurePosixPath(unquote(urlsplit(source).path)).stem.replace("/", "_") or "picture"
    path = Path(source)
    return path.resolve().name if os.path.isdir(source) else path.stem  # noqa: PTH112 (Path.is_dir raises where a name is too long)


def check_free(target: Path) -> None:
    """Refuses a target that already exists.

    Raises:
        PosekitError: it exists, even as a broken link.
    """
    if os.path.lexists(target):
        raise PosekitError(f"{target} already exists; replace it with --overwrite, or name another folder with --out")


def _claim(part: Path, target: Path) -> None:
    """Renames `part` to `target`, but only if there is no such file, which an ordinary rename does not check."""
    try:
        os.link(part, target)
    except FileExistsError:
        check_free(target)
    except OSError:  # a file system without links
        check_free(target)


@contextmanager
def _explained(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PosekitError(f"cannot write {target}: {error.strerror or error}; name another folder with --out") from error
