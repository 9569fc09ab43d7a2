"""The sources of a batch and their rows, on disk, so that a million take no more memory than a hundred.

It also holds the rows that are already in the target's manifest: those of other runs' sources, and earlier ones of these sources.
"""

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
from posekit.parallel.sources import Source, result_stem, sources_behind

#: The columns about what was made of a source; and all columns of the manifest, where `bytes` and `changed` are the source's own.
_MADE = ("state", "error", "frames", "people", "seconds", "worker", "result")
COLUMNS = ("source", *_MADE, "bytes", "changed")

#: Addresses are bytes, since a name need not be UTF-8. `made` and `earlier` are JSON: what was made in this run, and the whole row
#: that an earlier or a concurrent run has left.
_TABLE = """
    CREATE TABLE ledger (
        source BLOB PRIMARY KEY, bytes INT, changed TEXT, picture INT, given INT, key BLOB, result TEXT, made TEXT, earlier TEXT
    ) WITHOUT ROWID
"""

#: `given` of other runs' sources; a source of this run has the number of the name that stands for it.
_OTHERS = 2**62

#: How many names an error lists.
_LISTED = 5


class Ledger:
    """Every picture and clip behind some names, once each, in natural order within a folder or a pattern; and their rows.

    It is kept in a temporary SQLite file, which is gone once the ledger is closed or the program ends, however it ends.

    Args:
        names: files, folders, patterns with `*`, `?` or `[…]`, addresses such as `s3://bucket/clips`.
        target: where results go; files in it are not sources, unless they are named themselves.

    Raises:
        PosekitError: a file is missing, an address cannot be read, there are no sources, or there is no room for the list.
    """

    def __init__(self, names: Iterable[str | Path], target: Place | None = None) -> None:
        import sqlite3  # imported here, since some builds of Python lack it, and everything else works there

        self._database = sqlite3.connect("", isolation_level=None)
        listed: list[str] = []
        with _kept():
            self._database.execute(_TABLE)
            for number, name in enumerate(names):
                listed += [str(name)] * (number <= _LISTED)
                self._database.executemany(
                    "INSERT OR IGNORE INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                    (
                        (os.fsencode(each.address), each.bytes, each.changed, each.is_picture, number, *_names(each.address))
                        for each in sources_behind(str(name), target)
                    ),
                )
            self._database.execute("CREATE INDEX in_order ON ledger (given, key)")
            self._database.execute("CREATE INDEX by_result ON ledger (result)")
            self._database.execute("CREATE TABLE there (result TEXT PRIMARY KEY) WITHOUT ROWID")
        if not len(self):
            shown = ", ".join(listed[:_LISTED]) + " …" * (len(listed) > _LISTED)
            raise PosekitError(f"there is no picture and no clip in {shown or 'an empty list'}")

    def __len__(self) -> int:
        size: int = self._database.execute("SELECT count(*) FROM ledger WHERE given < ?", (_OTHERS,)).fetchone()[0]
        return size

    def __iter__(self) -> Iterator[Source]:
        """All sources, in order."""
        return self._sources("SELECT source, bytes, changed FROM ledger WHERE given < ? ORDER BY given, key")

    def waiting(self) -> Iterator[Source]:
        """The sources without a row: first clips, the largest first, so that no long one starts last; then pictures."""
        return self._sources("""
            SELECT source, bytes, changed FROM ledger WHERE made IS NULL AND given < ?
            ORDER BY picture, CASE WHEN picture THEN 0 ELSE -bytes END, given, key
        """)

    def waiting_size(self) -> tuple[int, int, int]:
        """How many pictures and how many clips have no row, and the size of these clips in bytes."""
        pictures, clips, size = self._database.execute(
            """
            SELECT coalesce(sum(picture), 0), coalesce(sum(NOT picture), 0), coalesce(sum(bytes * NOT picture), 0)
            FROM ledger WHERE made IS NULL AND given < ?
        """,
            (_OTHERS,),
        ).fetchone()
        return pictures, clips, size

    def add(self, row: dict[str, Any]) -> None:
        """Adds a row of the manifest, unless its source is not in the ledger, or has changed since.

        Raises:
            PosekitError: there is no room.
        """
        made, given = json.dumps([row[name] for name in _MADE]), (os.fsencode(row["source"]), row["bytes"], row["changed"])
        with _kept():
            self._database.execute("UPDATE ledger SET made = ? WHERE source = ? AND bytes = ? AND changed = ?", (made, *given))

    def list_results(self, names: Iterable[str]) -> None:
        """Notes which results are in the target, and forgets the rows that earlier runs have left.

        Raises:
            PosekitError: there is no room.
        """
        with _kept():
            self._database.execute("UPDATE ledger SET earlier = NULL WHERE earlier IS NOT NULL")
            self._database.execute("DELETE FROM there")
            self._database.executemany("INSERT OR IGNORE INTO there VALUES (?)", ((name,) for name in names))

    def has_result(self, name: str) -> bool:
        """Whether a result was in the target when its results were listed."""
        return self._database.execute("SELECT 1 FROM there WHERE result = ?", (name,)).fetchone() is not None

    def unknown_results(self) -> Iterator[str]:
        """The results in the target without a row: of other runs that were killed, and of workers that this run no longer hears."""
        found = self._database.execute(
            "SELECT result FROM there WHERE result NOT IN (SELECT result FROM ledger WHERE made IS NOT NULL OR earlier IS NOT NULL)"
        ).fetchall()
        return (name for (name,) in found)

    def keep(self, row: dict[str, Any]) -> None:
        """Adds a row that another or an earlier run has left, of any source. A row of this run takes precedence.

        Raises:
            PosekitError: there is no room.
        """
        values = (os.fsencode(row["source"]), _OTHERS, *_names(row["source"]), json.dumps([row[name] for name in COLUMNS]))
        with _kept():
            self._database.execute(
                "INSERT INTO ledger (source, given, key, result, earlier) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (source) DO UPDATE SET earlier = excluded.earlier",
                values,
            )

    def rows(self, *, others: bool = True) -> Iterator[tuple[Any, ...]]:
        """The rows so far in the order of the sources, each with its values in the order of `COLUMNS`.

        Args:
            others: whether to include rows that other or earlier runs have left, where this run has none; sources of other runs
                come last.
        """
        found = self._database.execute(
            "SELECT source, made, bytes, changed, earlier FROM ledger WHERE (made IS NOT NULL) OR (? AND earlier IS NOT NULL)"
            " ORDER BY given, key",
            (others,),
        )
        for source, made, size, changed, earlier in found:
            yield (os.fsdecode(source), *json.loads(made), size, changed) if made else tuple(json.loads(earlier))

    def close(self) -> None:
        """Removes the ledger."""
        self._database.close()

    def _sources(self, question: str) -> Iterator[Source]:
        found = self._database.execute(question, (_OTHERS,))
        return (Source(os.fsdecode(address), size, changed) for address, size, changed in found)


@contextlib.contextmanager
def _kept() -> Iterator[None]:
    with in_words("keep the list of sources in the folder for temporary files"):
        yield


def _names(address: str) -> tuple[bytes, str]:
    """The sort key of a source, and the name of its result."""
    return _sortable(address), f"{result_stem(address)}.parquet"


def _sortable(address: str) -> bytes:
    """`natural_key` as bytes with the same order: each number is preceded by how many digits it has."""
    parts, name = natural_key(address)
    texts = (part if isinstance(part, str) else f"{len(str(part)):03}{part}" for part in parts)
    return "\0".join([*texts, name]).encode(errors="surrogateescape")
