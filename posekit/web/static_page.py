"""The page that needs no server: everything runs in the browser. `python -m posekit.web.static_page FOLDER` writes it.

It consists of the server's pages with relative addresses, so it works from any static host, in any folder.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, PackageLoader

from posekit import atomic
from posekit.estimate.in_browser import BROWSER_MODELS, browser_model
from posekit.frontend import assets
from posekit.models.runtime import PACKAGE
from posekit.motion import EXERCISES
from posekit.pose import THRESHOLD
from posekit.web.choice import SENTENCES, View

#: What may be loaded: nothing from elsewhere. Hosts of static files send no such header, so it is in the page.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; media-src blob:; "
    "connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; form-action 'none'; base-uri 'none'"
)

#: The largest photo, in bytes; it is read only into the memory of the visitor's browser.
MAX_PHOTO_BYTES = 64 * 2**20

#: How many photos can be chosen together.
MAX_PHOTOS = 10

#: The names of the server's routes → their addresses here.
_ADDRESSES = {"pages.index": "index.html", "pages.live": "live.html", "pages.front_end": "front/{name}"}

_MANIFEST = {
    "name": "posekit",
    "short_name": "posekit",
    "description": "Human poses in photos and live, in this browser",
    "start_url": "index.html",
    "scope": "./",
    "display": "standalone",
    "background_color": "#ffffff",
    "theme_color": "#0b63b5",
    "icons": [{"src": "front/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
}

_CREDITS = f"""posekit {{version}}, Apache-2.0
LiteRT.js, npm {PACKAGE}, Apache-2.0, Google: runs the models
MoveNet, Apache-2.0, Google: the models

Apache-2.0: https://www.apache.org/licenses/LICENSE-2.0
"""


def static_page() -> dict[str, bytes]:
    """The files of the page: path → content.

    Raises:
        DownloadError: a model or LiteRT.js is missing and cannot be fetched.
    """
    models = [browser_model(name) for name in BROWSER_MODELS]
    files = {f"front/{name}": assets.text(name).encode() for name in assets.FILES if name != "offline.js"}
    files |= {f"browser/{model.name}.json": json.dumps(model.about).encode() for model in models}
    files |= {"manifest.json": json.dumps(_MANIFEST).encode(), "credits.txt": _CREDITS.format(version=version("posekit")).encode()}
    pages = {"index.html": _photo, "live.html": _live}
    kept = files | {name: page("") for name, page in pages.items()}
    digest = sha256(b"".join(name.encode() + kept[name] for name in sorted(kept))).hexdigest()[:16]
    files |= {name: page(digest) for name, page in pages.items()}
    contents = {name: sha256(content).hexdigest() for name, content in sorted((files | {"./": files["index.html"]}).items())}
    files |= {"offline.json": json.dumps({"files": contents}).encode()}
    files |= {"offline.js": assets.text("offline.js").replace('"VERSION"', json.dumps(digest)).encode()}
    return files | {f"browser/{file.sha256}": file.content for model in models for file in model.files.values()}


def write(folder: Path) -> None:
    """Writes the page into `folder`; other files in it are kept."""
    for name, content in static_page().items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_bytes(target, content)


def _photo(digest: str) -> bytes:
    limits = {"max_bytes": MAX_PHOTO_BYTES, "max_photos": MAX_PHOTOS}
    choices = {"offered": BROWSER_MODELS, "sentences": SENTENCES, "model": BROWSER_MODELS[0], "view": View(), "default": View()}
    return _rendered("index.html", "pages.index", digest, error="", modules=assets.modules("photo"), **limits, **choices)


def _live(digest: str) -> bytes:
    settings = {
        "models": BROWSER_MODELS,
        "threshold": THRESHOLD,
        "exercises": list(EXERCISES),
        "browserModels": BROWSER_MODELS,
        "onlyBrowser": True,
    }
    sentences = {name: SENTENCES[name] for name in BROWSER_MODELS}
    modules = assets.modules("host")
    return _rendered("live.html", "pages.live", digest, settings=json.dumps(settings), modules=modules, sentences=sentences)


def _rendered(template: str, endpoint: str, digest: str, **more: Any) -> bytes:
    environment = Environment(loader=PackageLoader("posekit.web"), autoescape=True, trim_blocks=True)
    page = environment.get_template(template)
    return page.render(
        url_for=lambda route, **values: _ADDRESSES[route].format(**values),
        request=SimpleNamespace(endpoint=endpoint, host="this site"),
        only_browser=True,
        policy=POLICY,
        version=digest,
        **more,
    ).encode()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
