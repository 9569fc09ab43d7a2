"""What a browser needs to run a model itself: LiteRT.js, the model's file, and a picture with the expected answer."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from posekit.errors import PosekitError
from posekit.estimate.interpreter import Interpreter
from posekit.estimate.load import load_model
from posekit.estimate.movenet import MoveNet
from posekit.image import RGB, Region, read_image
from posekit.models.download import sha256
from posekit.models.runtime import fetch_runtime, worker_script
from posekit.models.size import size_places
from posekit.samples import sample

#: The models that the browser runs.
BROWSER_MODELS = ("lightning", "thunder", "multipose")


@dataclass(frozen=True)
class Packed:
    """A compressed file for the browser: web hosts do not compress all kinds of files, and a notebook's messages compress none.

    Attributes:
        name: the file's name, for display.
        sha256: the SHA-256 of the uncompressed content, which is also its address.
        content: the content, compressed with gzip.
    """

    name: str
    sha256: str
    content: bytes

    @property
    def about(self) -> dict[str, Any]:
        """What the browser is told about it."""
        return {"name": self.name, "sha256": self.sha256, "bytes": len(self.content)}


@dataclass(frozen=True)
class BrowserModel:
    """A model for the browser.

    Attributes:
        name: the model's name.
        files: the files of LiteRT.js and of the model, and the picture of the check, by their use.
        settings: what else the front end needs to know, as JSON.
    """

    name: str
    files: dict[str, Packed]
    settings: dict[str, Any]

    @property
    def about(self) -> dict[str, Any]:
        """Everything except the contents of the files, as JSON for the front end."""
        return {"name": self.name, **self.settings, "files": {use: file.about for use, file in self.files.items()}}


@cache
def browser_model(name: str) -> BrowserModel:
    """Everything that a browser needs to run model `name`.

    Raises:
        UnknownModelError: no model has that name.
        PosekitError: a browser cannot run that model.
        DownloadError: the model or LiteRT.js is missing and cannot be fetched.
    """
    model = load_model(name)
    if name not in BROWSER_MODELS or not isinstance(model, MoveNet):
        raise PosekitError(refusal(name))
    content, picture = model.path.read_bytes(), _check(model)
    # The native runtime computes the answer, so a browser that computes wrongly gives another one.
    answer = Interpreter(model.path, None, model.input_size).run(picture).reshape(model.max_people, -1)
    if model.max_people > 1:
        answer = answer[answer[:, 55] >= model.default_min_confidence(1)]  # the order of the other detections may differ
    settings = {
        "people": model.max_people,
        "side": model.input_size,
        "sizeAt": size_places(content) if model.max_people > 1 else [],
        "minConfidence": model.default_min_confidence(2),
        "checkSize": [picture.shape[1], picture.shape[0]],
        "answer": answer.ravel().tolist(),
    }
    files = {"model": _packed(f"{name}.tflite", content), "check": _packed("check.rgb", picture.tobytes())}
    return BrowserModel(name, {**_runtime(), **files}, settings)


def refusal(name: str) -> str:
    """Says that a model cannot run in the browser, and which models can."""
    return f"{name} cannot run in the browser; {', '.join(BROWSER_MODELS[:-1])} and {BROWSER_MODELS[-1]} can"


def _check(model: MoveNet) -> RGB:
    """The picture of the check: one person, and for a model for several people her mirror image beside her."""
    image = read_image(sample("person"))
    if model.max_people > 1:
        image = np.concatenate([image[:, 160:480], image[:, 479:159:-1]], axis=1)
    square = Region.whole((640, 480)).cut(image, model.input_size)[0]
    bar = model.input_size // 8 if model.max_people > 1 else 0
    return np.ascontiguousarray(square[bar : model.input_size - bar])


def browser_file(digest: str) -> Packed | None:
    """The file with that SHA-256, of all that `BROWSER_MODELS` need; None where there is no such file."""
    for name in BROWSER_MODELS:
        for file in browser_model(name).files.values():
            if file.sha256 == digest:
                return file
    return None


@cache
def _runtime() -> dict[str, Packed]:
    files = fetch_runtime()
    return {"script": _packed("litert.js", worker_script(files)), "wasm": _packed("litert.wasm", files["litert.wasm"])}


def _packed(name: str, content: bytes) -> Packed:
    return Packed(name, sha256(content), gzip.compress(content, mtime=0))
