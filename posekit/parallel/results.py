"""The folder of results: a Parquet file for each source, whose metadata say what it was made from, and the manifest."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.atomic import is_part
from posekit.errors import PosekitError, require
from posekit.motion.exercises import Exercise
from posekit.parallel.ledger import COLUMNS, Ledger
from posekit.parallel.place import Place, find_place, in_words, locked, prepare_folders, replacing, shown
from posekit.parallel.sources import result_stem

if TYPE_CHECKING:
    import pandas

#: The key, in the metadata of a result's Parquet schema, of what it says about itself.
KEY = b"posekit"

MANIFEST = "manifest.csv"

#: A byte of a name that is not UTF-8, as it is written in the manifest.
_ESCAPED = re.compile(r"\\u(dc[89a-f][0-9a-f])")

#: The columns that are numbers.
_KINDS: dict[str, Callable[[str], int | float]] = {"frames": int, "people": int, "seconds": float, "bytes": int}

#: How many rows are in memory at a time.
CHUNK = 1000

#: How many results in a bucket are read at a time, since each takes a while. FTP and the like have one connection: one at a time.
READERS = 16

_NUMBERS = ("name", "rest", "full", "by_side", "shortest", "longest", "travel")


@dataclass(frozen=True)
class Settings:
    """What is done to each source. A result that was made with other settings or another model is made again."""

    model: str
    model_sha256: str
    smooth: bool = True
    exercise: str | Exercise | None = None
    annotated: bool = False

    def about(self) -> dict[str, Any]:
        """What identifies the settings of a result, for JSON: a custom exercise by its name and numbers, not by its functions."""
        about = {field.name: getattr(self, field.name) for field in fields(self)}
        if isinstance(self.exercise, Exercise):
            about["exercise"] = {name: getattr(self.exercise, name) for name in _NUMBERS}
        return about


def check(place: Place) -> bool:
    """Whether the target is that of an earlier run; otherwise it is new or empty.

    Raises:
        PosekitError: it holds something else, or cannot be read.
    """
    with in_words(f"write results to {shown(place)}"):
        if not _is_ours(place) and place.is_dir() and any(not is_part(each.name) for each in place.iterdir()):
            if _is_ours(place):  # meanwhile: another run has just begun there, and writes its manifest first
                return True
            raise PosekitError(f"{shown(place)} holds other files; name a new folder, or the one of an earlier run")
        return _is_ours(place)


def prepare(place: Place) -> None:
    """Creates the target; a manifest marks it as one.

    Raises:
        PosekitError: it holds something else, or cannot be written to.
    """
    ours = check(place)
    with in_words(f"write results to {shown(place)}"):
        if not ours:
            prepare_folders(place, ())
            with locked(place):
                if not _is_ours(place):  # meanwhile: another run may have just begun there
                    write_manifest(place, [])
        prepare_folders(place)


def _is_ours(place: Place) -> bool:
    header = ",".join(COLUMNS).encode()
    try:
        with (place / MANIFEST).open("rb") as file:
            return bool(file.read(len(header)) == header)
    except (FileNotFoundError, NotADirectoryError):
        return False


def result_path(place: Place, address: str, kind: str = "tracks", suffix: str = ".parquet") -> Place:
    """The path of a result."""
    return place / kind / f"{result_stem(address)}{suffix}"


def write_table(table: pandas.DataFrame, target: Place, source: str, about: dict[str, Any]) -> None:
    """Writes a table as Parquet, whole or not at all, with a column `source`, and `about` in its schema's metadata.

    Raises:
        OSError: it cannot be written.
    """
    pyarrow, parquet = require("pyarrow", extra="batch"), require("pyarrow.parquet", extra="batch")
    rows = pyarrow.Table.from_pandas(table, preserve_index=False)
    for number, column in enumerate(rows.schema):
        if pyarrow.types.is_null(column.type):  # text of which there is none, such as the sides of no repetitions
            rows = rows.set_column(number, column.name, rows[number].cast(pyarrow.string()))
    source = os.fsencode(source).decode(errors="replace")  # Parquet strings must be UTF-8
    # The type is the same even where there are no rows, so that all files form one data set.
    names = pyarrow.DictionaryArray.from_arrays(pyarrow.array(np.zeros(len(table), np.int32)), pyarrow.array([source]))
    rows = rows.append_column("source", names)
    rows = rows.replace_schema_metadata({**(rows.schema.metadata or {}), KEY: json.dumps(about).encode()})
    with replacing(target) as part:
        parquet.write_table(rows, part)


def read_about(result: Place) -> dict[str, Any] | None:
    """What a result says about itself; None where there is no result that can be read."""
    parquet = require("pyarrow.parquet", extra="batch")
    try:
        with result.open("rb") as file:
            about: dict[str, Any] = json.loads(parquet.read_schema(file).metadata[KEY])
        return about
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_table(result: Place) -> pandas.DataFrame:
    """A result as a table, without the column `source`."""
    with result.open("rb") as file:
        table: pandas.DataFrame = require("pandas", extra="batch").read_parquet(file)
    return table.drop(columns="source")


def recall(place: Place, ledger: Ledger, settings: Settings, *, retry_failed: bool) -> None:
    """Adds to the ledger what need not be done again: sources that were done with the same settings or failed, and are unchanged.

    Raises:
        PosekitError: the target cannot be read.
    """
    gather(place, ledger)
    if not retry_failed:
        with suppress(PosekitError):  # a damaged manifest: what failed is tried again
            for row in read_manifest(place):
                if row["state"] == "failed":
                    ledger.add(row)

    def known(name: str) -> dict[str, Any] | None:
        about = read_about(place / "tracks" / name)
        return about["row"] if about and about.get("settings") == settings.about() else None

    with in_words(f"read results in {shown(place)}"):
        names = (name for source in ledger if ledger.has_result(name := result_path(place, source.address).name))
        for found in _read(place, names, known):
            ledger.add(found)


def gather(place: Place, ledger: Ledger) -> None:
    """Adds to the ledger the rows that other runs have left in the target, so that none is lost.

    A row counts as long as its result exists, or, where it has none, as long as its source exists. A run that was killed may have
    left results without a row; their metadata hold the row.

    Raises:
        PosekitError: the target cannot be read.
    """
    with in_words(f"read results in {shown(place)}"):
        folder = place / "tracks"
        ledger.list_results(file.name for file in (folder.iterdir() if folder.is_dir() else ()) if not is_part(file.name))
        with suppress(PosekitError):  # a damaged manifest
            for row in read_manifest(place):
                if ledger.has_result(PurePosixPath(row["result"]).name) if row["result"] else _is_there(row["source"]):
                    ledger.keep(row)
        for about in _read(place, ledger.unknown_results(), lambda name: read_about(folder / name)):
            if about.get("row", {}).keys() == set(COLUMNS):
                ledger.keep(about["row"])


def _is_there(source: str) -> bool:
    return "://" in source or os.path.lexists(source)


def _read(place: Place, names: Iterable[str], read: Callable[[str], dict[str, Any] | None]) -> Iterator[dict[str, Any]]:
    """What `read` returns for results, several at a time where each takes a while; all at once would take a kilobyte each."""
    together, names = READERS if not isinstance(place, Path) and place.fs.async_impl else 1, iter(names)
    with ThreadPoolExecutor(together) as pool:
        while some := list(islice(names, CHUNK)):
            yield from filter(None, pool.map(read, some))


def save_manifest(place: Place, ledger: Ledger) -> None:
    """Writes the rows of a run, together with those of other runs into the same target.

    Raises:
        PosekitError: the target cannot be read or written to.
    """
    with in_words(f"write {shown(place / MANIFEST)}"), locked(place):
        gather(place, ledger)
        write_manifest(place, ledger.rows())


def write_manifest(place: Place, rows: Iterable[tuple[Any, ...]]) -> None:
    """Writes the manifest, a row at a time. Bytes of a name that are not UTF-8 are written as escapes.

    Raises:
        PosekitError: it cannot be written.
    """
    with in_words(f"write {shown(place / MANIFEST)}"), replacing(place / MANIFEST) as part:
        table = part.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        with table as file:
            plain = csv.writer(file, lineterminator="\n")
            quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
            plain.writerow(COLUMNS)
            for row in rows:  # readers end a line at \r, too, which not every Python quotes
                (quoted if any("\r" in each for each in row if isinstance(each, str)) else plain).writerow(row)


def read_manifest(place: Place) -> Iterator[dict[str, Any]]:
    """The rows of the manifest, one at a time, with the names of sources as the system has them.

    Raises:
        PosekitError: there is none, or it is damaged.
    """
    file = place / MANIFEST
    anew = "the same batch again writes it anew"
    with in_words(f"read {shown(file)}"):
        try:
            content = file.open("r", encoding="utf-8", newline="")
        except (FileNotFoundError, NotADirectoryError):
            raise PosekitError(f"there is no {MANIFEST} in {shown(place)}; a target of posekit batch has one") from None
        with content:
            try:
                reader = csv.reader(content, strict=True)
                if tuple(next(reader, ())) != COLUMNS:
                    raise PosekitError(f"{shown(file)} is damaged: it has no columns {', '.join(COLUMNS)}; {anew}")
                for values in reader:
                    row = dict(zip(COLUMNS, values, strict=True))
                    row["source"] = _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), row["source"])
                    yield row | {name: kind(row[name]) for name, kind in _KINDS.items()}
            except (ValueError, csv.Error) as error:
                if isinstance(error, PosekitError):
                    raise
                raise PosekitError(f"{shown(file)} is damaged ({error}); {anew}") from error


def batch_status(target: str | Place) -> pandas.DataFrame:
    """The manifest of a `batch` that has ended, was interrupted or is still running.

    Raises:
        PosekitError: there is none, or it is damaged.
    """
    return table_of(tuple(row.values()) for row in read_manifest(find_place(target)))


def table_of(rows: Iterable[tuple[Any, ...]]) -> pandas.DataFrame:
    """Rows with the values of `COLUMNS`, as a table. Bytes of a name that are not UTF-8 become escapes."""
    pd, parts = require("pandas", extra="batch"), []
    plain = (tuple(_printable(each) if isinstance(each, str) else each for each in row) for row in rows)
    while some := list(islice(plain, CHUNK)):  # as Python objects, they take three times the memory of the table
        parts.append(pd.DataFrame(some, columns=COLUMNS))
    table: pandas.DataFrame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    return table


def _printable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
