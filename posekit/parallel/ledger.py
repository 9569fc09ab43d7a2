"""The sources of a batch and what has become of them, on disk: a million take no more memory than a hundred."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from posekit.errors import PosekitError
from posekit.folders import natural_key
from posekit.parallel.place import Place, in_words
from posekit.parallel.sources import Source, sources_behind

#: What becomes of a source; and the columns of the manifest, of which `bytes` and `changed` are those of the source.
_MADE = ("state", "error", "frames", "people", "seconds", "worker", "result")
COLUMNS = ("source", *_MADE, "bytes", "changed")

#: Addresses are bytes, since a name need not be UTF-8; what was made is JSON.
_TABLE = """
    CREATE TABLE ledger (
        source BLOB PRIMARY KEY, bytes INT, changed TEXT, picture INT, given INT, key BLOB, made TEXT
    ) WITHOUT ROWID
"""

#: Names that an error lists.
_LISTED = 5


class Ledger:
    """Every picture and clip behind some names, once, in natural order within a folder or a pattern; and their rows.

    It lies in a temporary file of SQLite, which is gone when the ledger is closed or the program ends, however it ends.

    Args:
        names: files, folders, patterns with `*`, `?` or `[…]`, addresses such as `s3://bucket/clips`.
        target: where results go: what lies there is no source, unless it is named itself.

    Raises:
        PosekitError: a file is missing, an address cannot be read, there is nothing in all of it, or no room for the list.
    """

    def __init__(self, names: Iterable[str | Path], target: Place | None = None) -> None:
        import sqlite3  # here, since some builds of Python lack it, and all else works there

        self._database = sqlite3.connect("", isolation_level=None)
        listed: list[str] = []
        with _kept():
            self._database.execute(_TABLE)
            for number, name in enumerate(names):
                listed += [str(name)] * (number <= _LISTED)
                self._database.executemany(
                    "INSERT OR IGNORE INTO ledger VALUES (?, ?, ?, ?, ?, ?, NULL)",
                    (
                        (os.fsencode(each.address), each.bytes, each.changed, each.is_picture, number, _sortable(each.address))
                        for each in sources_behind(str(name), target)
                    ),
                )
            self._database.execute("CREATE INDEX in_order ON ledger (given, key)")
        if not len(self):
            shown = ", ".join(listed[:_LISTED]) + " …" * (len(listed) > _LISTED)
            raise PosekitError(f"there is no picture and no clip in {shown or 'an empty list'}")

    def __len__(self) -> int:
        size: int = self._database.execute("SELECT count(*) FROM ledger").fetchone()[0]
        return size

    def __iter__(self) -> Iterator[Source]:
        """All sources, in order."""
        return self._sources("SELECT source, bytes, changed FROM ledger ORDER BY given, key")

    def waiting(self) -> Iterator[Source]:
        """Those that have no row: clips, the largest first, so that no long one starts last; then pictures."""
        return self._sources("""
            SELECT source, bytes, changed FROM ledger WHERE made IS NULL
            ORDER BY picture, CASE WHEN picture THEN 0 ELSE -bytes END, given, key
        """)

    def waiting_size(self) -> tuple[int, int, int]:
        """How many pictures and clips have no row, and the size of those clips in bytes."""
        pictures, clips, size = self._database.execute("""
            SELECT coalesce(sum(picture), 0), coalesce(sum(NOT picture), 0), coalesce(sum(bytes * NOT picture), 0)
            FROM ledger WHERE made IS NULL
        """).fetchone()
        return pictures, clips, size

    def add(self, row: dict[str, Any]) -> None:
        """Takes a row of the manifest, unless it is of a source that is not here, or that has changed since.

        Raises:
            PosekitError: there is no room.
        """
        made, given = json.dumps([row[name] for name in _MADE]), (os.fsencode(row["source"]), row["bytes"], row["changed"])
        with _kept():
            self._database.execute("UPDATE ledger SET made = ? WHERE source = ? AND bytes = ? AND changed = ?", (made, *given))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows that there are, in the order of the sources, with their values in the order of `COLUMNS`."""
        found = self._database.execute("SELECT source, made, bytes, changed FROM ledger WHERE made IS NOT NULL ORDER BY given, key")
        return ((os.fsdecode(source), *json.loads(made), size, changed) for source, made, size, changed in found)

    def close(self) -> None:
        """Removes it."""
        self._database.close()

    def _sources(self, question: str) -> Iterator[Source]:
        return (Source(os.fsdecode(address), size, changed) for address, size, changed in self._database.execute(question))


@contextlib.contextmanager
def _kept() -> Iterator[None]:
    with in_words("keep the list of sources in the folder for temporary files"):
        yield


def _sortable(address: str) -> bytes:
    """`natural_key` as bytes that sort alike: each number begins with how many digits it has."""
    parts, name = natural_key(address)
    texts = (part if isinstance(part, str) else f"{len(str(part)):03}{part}" for part in parts)
    return "\0".join([*texts, name]).encode(errors="surrogateescape")
