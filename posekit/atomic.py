"""Files that are whole or not there: written beside their place, then renamed into it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def part_name(target: Path) -> Path:
    """A name beside `target` for a file that is being written: hidden, with the same suffix, and nobody else's.

    Two programs that write the same target never share it. It stays short where the target's own name is as long as file systems
    allow.
    """
    return target.with_name(f".{secrets.token_hex(6)}.part{target.suffix[:16]}")


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A part name to write to; the finished part takes the place of `target`, and an error leaves nothing of it.

    Raises:
        OSError: it cannot be written or renamed.
    """
    part = part_name(target)
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def write_bytes(target: Path, content: bytes) -> None:
    """Writes `content` to `target`, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    with replacing(target) as part:
        part.write_bytes(content)
