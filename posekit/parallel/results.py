"""The folder of results: a Parquet file for each source, which says in its metadata what it was made from, and the manifest."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.errors import PosekitError, require
from posekit.motion.exercises import Exercise
from posekit.parallel.place import Place, find_place, in_words, prepare_folders, replacing
from posekit.parallel.sources import Source

if TYPE_CHECKING:
    import pandas

#: The key of what a result says about itself, in the metadata of its Parquet schema.
KEY = b"posekit"

#: The columns of the manifest; `bytes` and `changed` are those of the source.
COLUMNS = ("source", "state", "error", "frames", "people", "seconds", "worker", "result", "bytes", "changed")

MANIFEST = "manifest.csv"

#: Results in a bucket that are looked at together, since each takes a while. FTP and the like have one line: there, one at a time.
READERS = 16

_NUMBERS = ("name", "rest", "full", "by_side", "shortest", "longest", "travel")

#: A row of the manifest, in the order of `COLUMNS`: a dict for each of a million sources would need a gigabyte and more.
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Settings:
    """What is done to each source. A result that was made with other settings, or by another model, is made again."""

    model: str
    model_sha256: str
    smooth: bool = True
    exercise: str | Exercise | None = None
    annotated: bool = False

    def about(self) -> dict[str, Any]:
        """What results are recognised by, for JSON: an exercise of one's own by its name and numbers, not by its functions."""
        about = {field.name: getattr(self, field.name) for field in fields(self)}
        if isinstance(self.exercise, Exercise):
            about["exercise"] = {name: getattr(self.exercise, name) for name in _NUMBERS}
        return about


def prepare(place: Place) -> None:
    """Makes the target; a manifest marks it as one.

    Raises:
        PosekitError: it holds something else, or cannot be written to.
    """
    with in_words(f"write results to {place}"):
        ours = _is_ours(place)
        if not ours and place.is_dir() and any(place.iterdir()):
            raise PosekitError(f"{place} holds other files; name a new folder, or the one of an earlier run")
        prepare_folders(place)
        if not ours:
            write_manifest(place, [])


def _is_ours(place: Place) -> bool:
    header = ",".join(COLUMNS).encode()
    try:
        with (place / MANIFEST).open("rb") as file:
            return bool(file.read(len(header)) == header)
    except (FileNotFoundError, NotADirectoryError):
        return False


def result_path(place: Place, address: str, kind: str = "tracks", suffix: str = ".parquet") -> Place:
    """Where a result lies: named after its source, with eight digits that tell sources of one name apart."""
    digits = hashlib.sha256(os.fsencode(address)).hexdigest()[:8]
    stem = PurePosixPath(address.replace("\\", "/")).stem.encode(errors="ignore")[:160].decode(errors="ignore")
    return place / kind / f"{stem}-{digits}{suffix}"


def write_table(table: pandas.DataFrame, target: Place, source: str, about: dict[str, Any]) -> None:
    """Writes a table as Parquet, whole or not at all, with a column `source`, and `about` in its schema's metadata.

    Raises:
        OSError: it cannot be written.
    """
    pyarrow, parquet = require("pyarrow", extra="batch"), require("pyarrow.parquet", extra="batch")
    rows = pyarrow.Table.from_pandas(table, preserve_index=False)
    source = os.fsencode(source).decode(errors="replace")  # Parquet has no strings that are not UTF-8
    # Of one type also where there are no rows, so that all files are one data set.
    names = pyarrow.DictionaryArray.from_arrays(pyarrow.array(np.zeros(len(table), np.int32)), pyarrow.array([source]))
    rows = rows.append_column("source", names)
    rows = rows.replace_schema_metadata({**(rows.schema.metadata or {}), KEY: json.dumps(about).encode()})
    with replacing(target) as part:
        parquet.write_table(rows, part)


def read_about(result: Place) -> dict[str, Any] | None:
    """What a result says about itself; None where there is no result, or none that can be read."""
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


def pack_row(row: dict[str, Any], source: Source) -> Row:
    """A row to be kept, which shares its strings with the source and with other rows."""
    shared = {"source": source.address, "changed": source.changed, "worker": sys.intern(row["worker"])}
    shared["state"] = sys.intern(row["state"])
    return tuple((row | shared)[name] for name in COLUMNS)


def known_rows(place: Place, sources: Sequence[Source], settings: Settings, *, retry_failed: bool) -> dict[str, Row]:
    """Address → row of what need not be done again: done with the same settings, or failed, and unchanged since.

    Raises:
        PosekitError: the target cannot be read.
    """
    failed = {} if retry_failed else _failed_rows(place)

    def known(source: Source) -> Row | None:
        result = result_path(place, source.address)
        about = read_about(result) if result.name in there else None
        done = about["row"] if about and about.get("settings") == settings.about() else None
        for row in (done, failed.get(source.address)):
            if row and (row["bytes"], row["changed"]) == (source.bytes, source.changed):
                return pack_row(row, source)
        return None

    together = READERS if not isinstance(place, Path) and place.fs.async_impl else 1
    with in_words(f"read results in {place}"), ThreadPoolExecutor(together) as pool:
        there = {file.name for file in (place / "tracks").iterdir()} if (place / "tracks").is_dir() else set()
        some = (sources[i : i + 1000] for i in range(0, len(sources), 1000))  # all at once would take a kilobyte each
        rows = [row for each in some for row in pool.map(known, each) if row]
    return {row[0]: row for row in rows}


def write_manifest(place: Place, rows: Iterable[Row]) -> None:
    """Writes the manifest, a row at a time. Bytes of a name that are not UTF-8 stand in it as escapes.

    Raises:
        PosekitError: it cannot be written.
    """
    with in_words(f"write {place / MANIFEST}"), replacing(place / MANIFEST) as part:
        table = part.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        with table as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)


def batch_status(target: str | Place) -> pandas.DataFrame:
    """The manifest of a `batch` that has ended, was interrupted or is still running.

    Raises:
        PosekitError: there is none, or it is damaged.
    """
    pd = require("pandas", extra="batch")
    file = find_place(target) / MANIFEST
    words = dict.fromkeys(("source", "state", "error", "worker", "result", "changed"), str)
    with in_words(f"read {file}"):
        try:
            with file.open("rb") as content:
                table: pandas.DataFrame = pd.read_csv(content, keep_default_na=False, dtype=words)
        except (FileNotFoundError, NotADirectoryError):
            raise PosekitError(f"there is no {MANIFEST} in {target}; a target of posekit batch has one") from None
        except ValueError as error:
            raise PosekitError(f"{file} is damaged ({str(error).strip()}); the same batch again writes it anew") from error
    if tuple(table) != COLUMNS:
        raise PosekitError(f"{file} is damaged: it has no columns {', '.join(COLUMNS)}; the same batch again writes it anew")
    return table


def _failed_rows(place: Place) -> dict[str, dict[str, Any]]:
    """Address → row of what has failed; nothing where the manifest is damaged, and all of it is tried again."""
    with suppress(PosekitError):
        table = batch_status(place)
        rows = table[table["state"] == "failed"].to_dict("records")
        return {row["source"]: {str(name): value for name, value in row.items()} for row in rows}
    return {}
