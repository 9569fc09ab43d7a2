"""Files that are either complete or absent: each is written beside its target, then renamed to it."""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        """Does nothing: Windows does not let anyone remove an open file."""

    @contextmanager
    def locked(folder: Path) -> Iterator[None]:
        """Does nothing: Windows cannot open a folder."""
        yield
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        """Locks an open file; the system drops the lock when the program ends, however it ends."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    @contextmanager
    def locked(folder: Path) -> Iterator[None]:
        """Waits until no other program or thread holds this folder's lock, and holds it for the block.

        Raises:
            OSError: there is no such folder.
        """
        opened = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # some network drives have no locks
                fcntl.flock(opened, fcntl.LOCK_EX)
            yield
        finally:
            os.close(opened)


#: What `part_name` makes.
_PART = re.compile(r"\.[0-9a-f]{12}\.part(\..*)?", re.DOTALL)


def part_name(target: Path) -> Path:
    """A name beside `target` for a file that is being written: hidden, unique, and with the same suffix.

    Two programs that write the same target never share it. It stays short where the target's own name is as long as file systems
    allow.
    """
    return target.with_name(f".{secrets.token_hex(6)}.part{target.suffix[:16]}")


@contextmanager
def reserved(target: Path) -> Iterator[Path]:
    """Creates an empty part of `target` to write to; whatever is left under its name at the end is removed.

    It stays locked in the meantime, so that `sweep` can tell it from a part that a killed program left behind.

    Raises:
        OSError: it cannot be created.
    """
    part, lock = _created(target)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)
        if lock is not None:
            os.close(lock)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Creates a part to write to; the finished part replaces `target`, and after an error the part is removed.

    Raises:
        OSError: it cannot be written or renamed.
    """
    with reserved(target) as part:
        yield part
        part.replace(target)


def write_bytes(target: Path, content: bytes) -> None:
    """Writes `content` to `target`, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    with replacing(target) as part:
        part.write_bytes(content)


def is_part(name: str) -> bool:
    """Whether this is the name of a part."""
    return _PART.fullmatch(name) is not None


def sweep(folder: Path) -> None:
    """Removes the parts that killed programs left in `folder`, but none that a running program is writing to."""
    with suppress(OSError):
        for part in [Path(entry) for entry in os.scandir(folder) if is_part(entry.name)]:
            with suppress(OSError):  # another program holds it, or it is already gone
                _remove_abandoned(part)


def _created(target: Path) -> tuple[Path, int | None]:
    """A new part, and the descriptor that keeps it locked."""
    while True:
        part = part_name(target)
        created = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
        if sys.platform == "win32":  # an open file cannot be renamed there
            os.close(created)
            return part, None
        with suppress(OSError):  # some network drives have no locks
            _lock(created)
        if part.exists():
            return part, created
        os.close(created)  # a sweep removed it before it was locked


def _remove_abandoned(part: Path) -> None:
    if sys.platform == "win32":
        part.unlink()
        return
    found = os.open(part, os.O_RDONLY)
    try:
        _lock(found)
        part.unlink()
    finally:
        os.close(found)
