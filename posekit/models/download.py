"""Downloads, untrusted until checked: official archives and files over HTTP, and weights from npm packages.

Everything goes into a scratch folder that the caller deletes; nothing here writes to the models folder.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import subprocess
import tarfile
from pathlib import Path, PurePosixPath
from typing import Any

from posekit.errors import DownloadError, network_reason
from posekit.progress import progress

#: Seconds of silence after which a host counts as unreachable.
TIMEOUT = 20.0

#: No archive or file of MoveNet is larger than this.
MAX_ARCHIVE_BYTES = 256 * 2**20

#: The progress bar's format where nothing can be counted.
ELAPSED = "{desc} … {elapsed}"


def sha256(content: bytes) -> str:
    """The SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def check(content: bytes, expected: str, what: str) -> bytes:
    """Returns `content` itself, if its SHA-256 is the expected one.

    Raises:
        DownloadError: it is not; the message says what came instead.
    """
    if sha256(content) == expected:
        return content
    if not content:
        raise DownloadError(f"{what} is empty")
    if content.lstrip()[:1] == b"<":
        raise DownloadError(f"{what} is a web page, not a model")
    raise DownloadError(f"{what} has {len(content):,} bytes and sha256 {sha256(content)}, expected {expected}")


def get(address: str, scratch: Path, title: str, size: int) -> Path:
    """Downloads `address` into `scratch`, with a progress bar.

    Args:
        address: an http(s) address.
        scratch: a folder to write to.
        title: what is downloaded from where, for display.
        size: how many bytes are expected, at least 1; the host's own figure takes precedence.

    Returns:
        The downloaded file.

    Raises:
        DownloadError: the host does not answer, answers with an error, is silent for `TIMEOUT` seconds, or sends more than
            `MAX_ARCHIVE_BYTES`.
    """
    import requests
    from pooch import HTTPDownloader

    target = scratch / "download"
    try:
        with target.open("wb") as file, progress(title, size, "B", leave=False, delay=0.5) as bar:
            capped = _Capped(file, f"more than {MAX_ARCHIVE_BYTES >> 20} MB came, which no model has")
            HTTPDownloader(progressbar=bar, timeout=TIMEOUT)(address, capped, None)
    except DownloadError:
        raise
    except (requests.RequestException, OSError, ValueError) as error:  # ValueError: a Content-Length that is not a number
        raise DownloadError(network_reason(error, TIMEOUT)) from error
    return target


class _Capped:
    """A file to write to, or a stream to read from, up to `MAX_ARCHIVE_BYTES`, since a hostile one may be endless."""

    def __init__(self, file: Any, complaint: str) -> None:
        self._file, self._complaint, self._left = file, complaint, MAX_ARCHIVE_BYTES

    def read(self, size: int) -> bytes:
        return self._counted(self._file.read(size))

    def write(self, content: bytes) -> None:
        self._file.write(self._counted(content))

    def flush(self) -> None:
        self._file.flush()

    def _counted(self, content: bytes) -> bytes:
        self._left -= len(content)
        if self._left < 0:
            raise DownloadError(self._complaint)
        return content


def member(archive: Path, name: str) -> bytes:
    """The content of the regular file `name` inside a .tar.gz; see `members`."""
    return members(archive, name)[0]


def members(archive: Path, *names: str) -> list[bytes]:
    """The contents of the regular files `names` inside a .tar.gz, read in one pass; nothing of it is written to disk.

    Raises:
        DownloadError: the file is not such an archive, is damaged, or lacks one of the names.
    """
    bomb = f"the archive unpacks to more than {MAX_ARCHIVE_BYTES >> 20} MB"
    wanted, found = {PurePosixPath(name): name for name in names}, dict[str, bytes]()
    try:
        # All decompressed bytes are counted, since headers can be as large as files.
        with gzip.open(archive) as raw, _tar(_Capped(raw, bomb)) as tar:
            for entry in tar:
                if entry.size > MAX_ARCHIVE_BYTES:  # a sparse file can be large and take up no bytes in the archive
                    raise DownloadError(bomb)
                name = wanted.get(PurePosixPath(entry.name)) if entry.isfile() else None
                if name and name not in found and (file := tar.extractfile(entry)):
                    found[name] = file.read()
                if len(found) == len(names):
                    return [found[name] for name in names]
    except DownloadError:
        raise
    except Exception as error:  # hostile headers can raise anything
        raise DownloadError(f"{_seen(archive)}, not a whole .tar.gz ({error})") from error
    raise DownloadError(f"the archive has no file {next(name for name in names if name not in found)}")


def _tar(stream: Any) -> tarfile.TarFile:
    return tarfile.open(fileobj=stream, mode="r|")


def _seen(file: Path) -> str:
    with file.open("rb") as opened:
        start = opened.read(512)
    if not start:
        return "an empty answer came"
    return "a web page came" if start.lstrip()[:1] == b"<" else f"{file.stat().st_size:,} bytes came"


def npm_pack(package: str, megabytes: int, scratch: Path) -> Path:
    """Fetches the archive of `package` (`name@version`) into `scratch` with npm, which checks the registry's hash.

    Raises:
        DownloadError: npm is missing or fails.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise DownloadError("npm is not installed")
    with progress(f"{package} from npm ({megabytes} MB)", 1, bar_format=ELAPSED):
        run = _run([npm, "pack", package, "--pack-destination", str(scratch), "--loglevel=error"], scratch)
    archives = list(scratch.glob("*.tgz"))
    if run.returncode or len(archives) != 1:
        raise DownloadError(f"npm could not fetch it: {_npm_reason(run.stderr)}")
    return archives[0]


def with_tensorflow(command: list[str], folder: Path, *, shown: bool = True) -> dict[str, Any]:
    """Runs one of posekit's conversion commands, whose last line of output is TensorFlow's version.

    Args:
        command: the program and its arguments.
        folder: where it runs, and where its files are.
        shown: whether to say how long it takes.

    Returns:
        What the file's record should say about the converter.

    Raises:
        DownloadError: tensorflow is missing or fails.
    """
    with progress("converting with TensorFlow", 1, shown=shown, bar_format=ELAPSED):
        run = _run(command, folder)
    if run.returncode:
        raise DownloadError(f"the weights could not be converted: {last_line(run.stderr)}")
    return {"converter": f"tensorflow {run.stdout.split()[-1]}"}


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DownloadError(str(error)) from error


def last_line(text: str) -> str:
    """The last line of what a process printed, which says why it failed."""
    return (text.strip().splitlines() or ["it gave no reason"])[-1]


def _npm_reason(text: str) -> str:
    """The first full sentence of npm's complaint; codes come before it, advice and the name of a log file after it."""
    lines = [re.sub(r"^npm (error|ERR!) ?", "", line) for line in text.splitlines()]
    return next((line for line in lines if len(line.split()) > 3), last_line(text))
