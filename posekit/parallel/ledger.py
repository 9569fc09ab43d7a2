"""The sources of a batch and what has become of them, on disk: a million take no more memory than a hundred.

Beside them the rows that the target's manifest has already: of sources of other runs, and earlier ones of these sources.
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

#: What becomes of a source; and the columns of the manifest, of which `bytes` and `changed` are those of the source.
_MADE = ("state", "error", "frames", "people", "seconds", "worker", "result")
COLUMNS = ("source", *_MADE, "bytes", "changed")

#: Addresses are bytes, since a name need not be UTF-8. `made` and `earlier` are JSON: what was made in this run, and the whole row
#: that an earlier run, or another one at the same time, has left.
_TABLE = """
    CREATE TABLE ledger (
        source BLOB PRIMARY KEY, bytes INT, changed TEXT, picture INT, given INT, key BLOB, result TEXT, made TEXT, earlier TEXT
    ) WITHOUT ROWID
"""

#: `given` of sources of other runs; those of this run have the number of the name that stands for them.
_OTHERS = 2**62

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
        """Those that have no row: clips, the largest first, so that no long one starts last; then pictures."""
        return self._sources("""
            SELECT source, bytes, changed FROM ledger WHERE made IS NULL AND given < ?
            ORDER BY picture, CASE WHEN picture THEN 0 ELSE -bytes END, given, key
        """)

    def waiting_size(self) -> tuple[int, int, int]:
        """How many pictures and clips have no row, and the size of those clips in bytes."""
        pictures, clips, size = self._database.execute(
            """
            SELECT coalesce(sum(picture), 0), coalesce(sum(NOT picture), 0), coalesce(sum(bytes * NOT picture), 0)
            FROM ledger WHERE made IS NULL AND given < ?
        """,
            (_OTHERS,),
        ).fetchone()
        return pictures, clips, size

    def add(self, row: dict[str, Any]) -> None:
        """Takes a row of the manifest, unless it is of a source that is not here, or that has changed since.

        Raises:
            PosekitError: there is no room.
        """
        made, given = json.dumps([row[name] for name in _MADE]), (os.fsencode(row["source"]), row["bytes"], row["changed"])
        with _kept():
            self._database.execute("UPDATE ledger SET made = ? WHERE source = ? AND bytes = ? AND changed = ?", (made, *given))

    def list_results(self, names: Iterable[str]) -> None:
        """Notes which results lie in the target, and forgets the rows that earlier runs have left.

        Raises:
            PosekitError: there is no room.
        """
        with _kept():
            self._database.execute("UPDATE ledger SET earlier = NULL WHERE earlier IS NOT NULL")
            self._database.execute("DELETE FROM there")
            self._database.executemany("INSERT OR IGNORE INTO there VALUES (?)", ((name,) for name in names))

    def has_result(self, name: str) -> bool:
        """Whether a result lay in the target when its results were listed."""
        return self._database.execute("SELECT 1 FROM there WHERE result = ?", (name,)).fetchone() is not None

    def unknown_results(self) -> Iterator[str]:
        """The results that lie in the target, but belong to no source here, and to none of another run that has a row."""
        found = self._database.execute("SELECT result FROM there WHERE result NOT IN (SELECT result FROM ledger)").fetchall()
        return (name for (name,) in found)

    def keep(self, row: dict[str, Any]) -> None:
        """Takes a row that another run has left, or an earlier one, about any source. A row of this run counts more.

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
        """The rows that there are, in the order of the sources, with their values in the order of `COLUMNS`.

        Args:
            others: also those that other runs and earlier ones have left, where this run has none; other sources come last.
        """
        found = self._database.execute(
            "SELECT source, made, bytes, changed, earlier FROM ledger WHERE (made IS NOT NULL) OR (? AND earlier IS NOT NULL)"
            " ORDER BY given, key",
            (others,),
        )
        for source, made, size, changed, earlier in found:
            yield (os.fsdecode(source), *json.loads(made), size, changed) if made else tuple(json.loads(earlier))

    def close(self) -> None:
        """Removes it."""
        self._database.close()

    def _sources(self, question: str) -> Iterator[Source]:
        found = self._database.execute(question, (_OTHERS,))
        return (Source(os.fsdecode(address), size, changed) for address, size, changed in found)


@contextlib.contextmanager
def _kept() -> Iterator[None]:
    with in_words("keep the list of sources in the folder for temporary files"):
        yield


def _names(address: str) -> tuple[bytes, str]:
    """What a source is sorted by, and the name of its result."""
    return _sortable(address), f"{result_stem(address)}.parquet"


def _sortable(address: str) -> bytes:
    """`natural_key` as bytes that sort alike: each number begins with how many digits it has."""
    parts, name = natural_key(address)
    texts = (part if isinstance(part, str) else f"{len(str(part)):03}{part}" for part in parts)
    return "\0".join([*texts, name]).encode(errors="surrogateescape")
