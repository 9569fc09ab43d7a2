"""The target of a batch: a folder, or an address that fsspec knows. A file in it is whole or not there."""

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

#: What a place is made of.
KINDS = ("tracks", "repetitions", "clips", "pieces")

#: How often a file is sent that somebody removes before all of it has arrived.
ATTEMPTS = 3

#: Where a file is seen only when all of it has arrived, and folders need not be made. Elsewhere it is moved there when it has.
OBJECT_STORES = frozenset({"abfs", "abfss", "az", "gcs", "gs", "memory", "oci", "oss", "s3", "s3a"})


def find_place(target: str | Place) -> Place:
    """The target as an absolute path, or as an address. A `UPath` may carry what its file system needs, such as a key.

    Raises:
        PosekitError: it is empty, or an address that fsspec does not know or lacks a package for.
    """
    if not isinstance(target, (str, Path)):
        return target
    if not str(target):  # as a path it would be the current folder
        raise PosekitError("expected the name of a target, got an empty one")
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", str(target)):  # two letters at least, or it is a drive
        return Path(target).absolute()
    with in_words(f"use the target {without_password(target)}"):
        place: UPath = require("upath", extra="batch").UPath(str(target).rstrip("/"))
        place.fs.invalidate_cache()  # or it would not see what others have written since
        return Path(place.path).absolute() if place.protocol in ("file", "local") else place


def without_password(address: str | Path) -> str:
    """An address as it may be shown, or kept in a log."""
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
    """Errors as sentences.

    Raises:
        PosekitError: anything went wrong.
    """
    try:
        yield
    except PosekitError:
        raise
    except Exception as error:  # each file system of fsspec has errors of its own
        words = isinstance(error, OSError) and error.strerror
        raise PosekitError(f"cannot {doing}: {words or f'{type(error).__name__}: {error}'}") from error


def prepare_folders(place: Place, kinds: Sequence[str] = KINDS) -> None:
    """Makes the folders in which results come to lie, where the place has any, and removes what killed programs left of them.

    Raises:
        OSError: they cannot be made; addresses have errors of their own, too.
    """
    if isinstance(place, Path):
        (place / "tracks" if kinds else place).mkdir(parents=True, exist_ok=True)
        for folder in place, *(place / kind for kind in kinds):
            atomic.sweep(folder)
    elif place.protocol not in OBJECT_STORES:
        place.fs.invalidate_cache()  # or it would not see what others have left since
        for path in (place.path, *((place / kind).path for kind in kinds)):
            place.fs.makedirs(path, exist_ok=True)
            for name in place.fs.ls(path, detail=False):
                if atomic.is_part(PurePosixPath(name).name):
                    with suppress(Exception):  # it is gone already; each file system of fsspec has errors of its own
                        place.fs.rm_file(f"{path}/{PurePosixPath(name).name}")  # FTP lists names without their folder


def locked(place: Place) -> AbstractContextManager[None]:
    """A block in which only one run at a time is with a folder; at addresses, which have no locks, several may be.

    Raises:
        OSError: there is no such folder.
    """
    return atomic.locked(place) if isinstance(place, Path) else nullcontext()


@contextmanager
def replacing(target: Place) -> Iterator[Path]:
    """A file on this machine to write to; when it is finished, it takes the place of `target`, and an error leaves nothing of it.

    Raises:
        OSError: it cannot be written; addresses have errors of their own, too.
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
    """Copies a file to an address, whole or not at all. A kill may leave a hidden file there, which the next run removes.

    A run that begins meanwhile cannot tell that this one is alive and removes it, too: then it is sent again.
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
