"""Files, folders, patterns and addresses → sources, with a stamp that shows whether they have changed."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from posekit.errors import PosekitError, require
from posekit.folders import SUFFIXES
from posekit.parallel.place import Place, without_password

#: The suffixes that count as clips and as pictures in a folder; a file that is named itself may have any suffix.
CLIPS = frozenset({
    ".3gp", ".asf", ".avi", ".dv", ".flv", ".gif", ".h264", ".h265", ".hevc", ".m2ts", ".m4v", ".mjpeg", ".mkv", ".mov", ".mp4",
    ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".rm", ".rmvb", ".ts", ".vob", ".webm", ".wmv",
})  # fmt: skip
PICTURES = SUFFIXES - CLIPS

#: What file systems call a file's checksum or modification time; the first one that is there counts.
STAMPS = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "Last-Modified", "modify")


@dataclass(frozen=True, slots=True)
class Source:
    """A file on this machine or elsewhere.

    Attributes:
        address: an absolute path, or an address that fsspec knows.
        bytes: its size in bytes.
        changed: when it was last written, or its checksum, as its file system gives it; empty where there is neither.
    """

    address: str
    bytes: int
    changed: str

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, judging by its name; anything else is taken for a clip."""
        return _suffix(self.address) in PICTURES


def result_stem(address: str) -> str:
    """The name of a source's results: its own, with eight digits that tell apart sources of the same name."""
    digits = hashlib.sha256(os.fsencode(address)).hexdigest()[:8]
    stem = PurePosixPath(address.replace("\\", "/")).stem.encode(errors="ignore")[:160].decode(errors="ignore")
    return f"{stem}-{digits}"


def sources_behind(name: str, target: Place | None = None) -> Iterator[Source]:
    """The sources that a name stands for, in any order.

    Args:
        name: a file, a folder, a pattern with `*`, `?` or `[…]`, or an address such as `s3://bucket/clips`.
        target: a place whose files are not sources, unless they are named themselves.

    Raises:
        PosekitError: there is no such file, or an address cannot be read.
    """
    if not name:  # as a path it would be the current folder
        raise PosekitError("expected the name of a source, got an empty one")
    fs, path = _opened(name)
    try:
        if fs.isdir(path):
            paths = _below(fs, path)
        elif fs.exists(path):  # even if its name has a bracket or a star
            yield _source(fs, path, name)
            return
        elif re.search(r"[*?\[]", path):
            paths = (each for each in fs.glob(path) if fs.isfile(each))
        else:
            raise PosekitError(f"there is no file {without_password(name)}")
        is_result = _results(fs, target)
        yield from (_source(fs, each, name) for each in paths if not is_result(each))
    except PosekitError:
        raise
    except Exception as error:  # each file system of fsspec has errors of its own
        raise PosekitError(f"cannot read {without_password(name)}: {type(error).__name__}: {error}") from error


def _source(fs: Any, path: str, name: str) -> Source:
    if _is_here(fs):
        return Source(path, *_stamp(fs, path))
    if "host" in fs.storage_options:  # the host would be lost, as with FTP, whose paths are those on the server
        scheme, _, rest = name.partition("://")
        return Source(f"{scheme}://{rest.partition('/')[0]}/{path.lstrip('/')}", *_stamp(fs, path))
    return Source(fs.unstrip_protocol(path), *_stamp(fs, path))


def _below(fs: Any, folder: str) -> Iterator[str]:
    """Pictures and clips below a folder, and also folders that cannot be read, which then fail by name, as broken files do."""
    if not _is_here(fs):
        yield from (each for each in fs.find(folder) if _suffix(each) in PICTURES | CLIPS)
        return
    folders = [folder]
    while folders:
        here = folders.pop()
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif _suffix(entry.name) in PICTURES | CLIPS and (entry.is_file() or entry.is_symlink()):  # no pipe
                        yield entry.path
        except OSError:
            yield here


def _results(fs: Any, target: Place | None) -> Callable[[str], bool]:
    """A function that tells whether a path lies in the target, which may be below a folder of sources."""
    if isinstance(target, Path) and _is_here(fs):
        folder = os.path.realpath(target) + os.sep
        return lambda path: os.path.realpath(path).startswith(folder)
    if target is not None and not isinstance(target, Path) and target.fs == fs:
        start = f"{target.path}/"
        return lambda path: path.startswith(start)
    return lambda path: False


def _stamp(fs: Any, path: str) -> tuple[int, str]:
    """Size, and time or checksum. A broken link, or a file that has just been removed, has neither; its row will say so."""
    try:
        about = fs.info(path)
    except FileNotFoundError:
        return 0, ""
    changed = next((str(about[key]) for key in STAMPS if about.get(key)), "")
    return int(about.get("size") or 0), changed


def _opened(name: str) -> tuple[Any, str]:
    fsspec = require("fsspec", extra="batch")
    try:
        fs, path = fsspec.core.url_to_fs(str(Path(name).absolute()) if "://" not in name else name)
    except (ImportError, ValueError) as error:
        raise PosekitError(f"cannot read {without_password(name)}: {error}") from error
    if "host" in fs.storage_options and without_password(name) != name:
        raise PosekitError(
            f"the password in {without_password(name)} would stand in every result; put it into fsspec's configuration "
            '(~/.config/fsspec/conf.json), such as {"ftp": {"username": …, "password": …}}'
        )
    fs.invalidate_cache()  # or files that others have written since would not be seen
    return fs, path


def _is_here(fs: Any) -> bool:
    return "file" in ((fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol)


def fetch_source(address: str, folder: Path) -> Path:
    """The path of the file itself, or of a copy in `folder` if the file is not on this machine.

    Raises:
        PosekitError: it cannot be fetched.
    """
    if "://" not in address:
        return Path(address)
    fs, path = _opened(address)
    target = folder / _name(path)
    try:
        fs.get_file(path, str(target))
    except Exception as error:  # each file system of fsspec has errors of its own
        raise PosekitError(f"cannot fetch {without_password(address)}: {type(error).__name__}: {error}") from error
    return target


def _suffix(path: str) -> str:
    return PurePosixPath(_name(path)).suffix.lower()


def _name(path: str) -> str:
    """The last part of a path; of a web address without what may follow it, such as a signature."""
    if re.match(r"https?://", path):
        path = path.partition("?")[0]
    return PurePosixPath(path.replace("\\", "/")).name
