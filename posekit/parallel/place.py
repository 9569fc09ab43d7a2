"""The target of a batch: a folder, or an address that fsspec knows. Files in it are complete or absent."""

from __future__ import annotations

import re
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeAlias

from posekit import atomic
from posekit.errors import PosekitError, require

if TYPE_CHECKING:
    from upath import UPath

#: A `UPath` has the methods of a `Path`.
Place: TypeAlias = "Path | UPath"

#: The kinds of files in a place, which are its folders.
KINDS = ("tracks", "repetitions", "clips", "pieces")

#: How often a file is sent if another program removes it before all of it has arrived.
ATTEMPTS = 3

#: Where a file appears only when all of it has arrived, and folders need not be created. Elsewhere it is sent, then renamed.
OBJECT_STORES = frozenset({"abfs", "abfss", "az", "gcs", "gs", "memory", "oci", "oss", "s3", "s3a"})


def find_place(target: str | Place) -> Place:
    """The target as an absolute path or as an address. A `UPath` may carry what its file system needs, such as a key.

    Raises:
        PosekitError: it is empty, or an address that fsspec does not know or lacks a package for.
    """
    if not isinstance(target, (str, Path)):
        return target
    if not str(target):  # as a path it would be the current folder
        raise PosekitError("expected the name of a target, got an empty one")
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", str(target)):  # a single letter would be a drive
        return Path(target).absolute()
    with in_words(f"use the target {without_password(target)}"):
        place: UPath = require("upath", extra="batch").UPath(str(target).rstrip("/"))
        place.fs.invalidate_cache()  # or files that others have written since would not be seen
        return Path(place.path).absolute() if place.protocol in ("file", "local") else place


def without_password(address: str | Path) -> str:
    """An address without its password, which can be shown or logged."""
    return re.sub(r"(?<=://)([^/@:]*):[^/@]*@", r"\1:…@", str(address))


def shown(place: Place) -> str:
    """A place in words: an address with its host, without its password."""
    address, options = str(place), {} if isinstance(place, Path) else place.storage_options
    host, user, port = (options.get(name) for name in ("host", "username", "port"))
    if not host or host in address.partition("://")[2].partition("/")[0]:
        return without_password(address)
    return address.replace("://", f"://{f'{user}@' if user else ''}{host}{f':{port}' if port else ''}", 1)


@contextmanager
def in_words(doing: str) -> Iterator[None]:
    """Turns errors in the block into sentences: "cannot" and `doing`, and why.

    Raises:
        PosekitError: anything in the block went wrong.
    """
    try:
        yield
    except PosekitError:
        raise
    except Exception as error:  # each file system of fsspec has errors of its own
        words = isinstance(error, OSError) and error.strerror
        raise PosekitError(f"cannot {doing}: {words or f'{type(error).__name__}: {error}'}") from error


def prepare_folders(place: Place, kinds: Sequence[str] = KINDS) -> None:
    """Creates the folders for results, where the place has folders, and removes unfinished files that killed programs left.

    Raises:
        OSError: they cannot be created; addresses have further errors of their own.
    """
    if isinstance(place, Path):
        (place / "tracks" if kinds else place).mkdir(parents=True, exist_ok=True)
        for folder in place, *(place / kind for kind in kinds):
            atomic.sweep(folder)
    elif place.protocol not in OBJECT_STORES:
        place.fs.invalidate_cache()  # or files that others have left since would not be seen
        for path in (place.path, *((place / kind).path for kind in kinds)):
            place.fs.makedirs(path, exist_ok=True)
            for name in place.fs.ls(path, detail=False):
                if atomic.is_part(PurePosixPath(name).name):
                    with suppress(Exception):  # it is already gone; each file system of fsspec has errors of its own
                        place.fs.rm_file(f"{path}/{PurePosixPath(name).name}")  # since FTP lists names without their folder


def locked(place: Place) -> AbstractContextManager[None]:
    """Lets only one run at a time work with a folder during the block; addresses have no locks, so there several may.

    Raises:
        OSError: there is no such folder.
    """
    return atomic.locked(place) if isinstance(place, Path) else nullcontext()


@contextmanager
def replacing(target: Place) -> Iterator[Path]:
    """A local file to write to; the finished file replaces `target`, and after an error it is removed.

    Raises:
        OSError: it cannot be written; addresses have further errors of their own.
    """
    if isinstance(target, Path):
        target.parent.mkdir(exist_ok=True)
        with atomic.replacing(target) as part:
            yield part
        return
    with tempfile.TemporaryDirectory(prefix="posekit-") as folder:
        part = Path(folder) / f"part{target.suffix}"
        yield part
        _send(part, target)


def _send(part: Path, target: UPath) -> None:
    """Copies a file to an address, whole or not at all. A killed program may leave a hidden file there for the next run to remove.

    A run that begins in the meantime cannot tell that this one is alive and removes the hidden file, too; then it is sent again.
    """
    if target.protocol in OBJECT_STORES:
        target.fs.put_file(str(part), target.path)
        return
    for attempt in range(ATTEMPTS):
        arriving = target.with_name(f".{secrets.token_hex(6)}.part")
        try:
            target.fs.put_file(str(part), arriving.path)
            target.fs.mv(arriving.path, target.path)
        except Exception:  # each file system of fsspec has errors of its own
            target.fs.invalidate_cache()
            if attempt == ATTEMPTS - 1 or target.fs.exists(arriving.path):
                with suppress(Exception):
                    target.fs.rm_file(arriving.path)
                raise
        else:
            return
