"""Files, folders, patterns and addresses → sources, of which it can be told whether they have changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from posekit.errors import PosekitError, require
from posekit.folders import SUFFIXES, natural_key

#: Suffixes that count as clips and as pictures in a folder; a file that is named by itself may have any.
CLIPS = frozenset({
    ".3gp", ".avi", ".flv", ".gif", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".webm",
    ".wmv",
})  # fmt: skip
PICTURES = SUFFIXES - CLIPS

#: What file systems call a file's checksum, or when it was changed; the first that is there counts.
STAMPS = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "Last-Modified")


@dataclass(frozen=True, slots=True)
class Source:
    """A file, here or elsewhere.

    Attributes:
        address: an absolute path, or an address of fsspec.
        bytes: its size.
        changed: when it was last written, or its checksum, as its file system has it; empty where it has neither.
    """

    address: str
    bytes: int
    changed: str

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture, by its name; anything else is taken for a clip."""
        return _suffix(self.address) in PICTURES


def find_sources(names: Iterable[str | Path]) -> list[Source]:
    """All pictures and clips behind `names`, each once, in natural order within a folder or a pattern.

    Args:
        names: files, folders, patterns with `*`, `?` or `[…]`, addresses such as `s3://bucket/clips`.

    Raises:
        PosekitError: a file is missing, an address cannot be read, or there is nothing in all of it.
    """
    given = [str(name) for name in names]
    found = {source.address: source for name in given for source in _behind(name)}
    if not found:
        raise PosekitError(f"there is no picture and no clip in {', '.join(given) or 'an empty list'}")
    return list(found.values())


def _behind(name: str) -> Iterator[Source]:
    fs, path = _opened(name)
    try:
        if fs.isdir(path):
            paths = [each for each in fs.find(path) if _suffix(each) in PICTURES | CLIPS]
        elif fs.exists(path):  # also where its name has a bracket or a star
            paths = [path]
        elif re.search(r"[*?\[]", path):
            paths = [each for each in fs.glob(path) if fs.isfile(each)]
        else:
            raise PosekitError(f"there is no file {name}")
        for each in sorted(paths, key=natural_key):
            size, changed = _stamp(fs, each)
            yield Source(each if "file" in _protocols(fs) else fs.unstrip_protocol(each), size, changed)
    except PosekitError:
        raise
    except Exception as error:  # each file system of fsspec has errors of its own
        raise PosekitError(f"cannot read {name}: {type(error).__name__}: {error}") from error


def _stamp(fs: Any, path: str) -> tuple[int, str]:
    """Size, and time or checksum. A link that leads nowhere, or a file that has just gone, has neither; its row will say so."""
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
        raise PosekitError(f"cannot read {name}: {error}") from error
    fs.invalidate_cache()  # or it would not see what others have written since
    return fs, path


def _protocols(fs: Any) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)


def fetch_source(address: str, folder: Path) -> Path:
    """The file itself: where it is, or a copy in `folder` of one that is elsewhere.

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
        raise PosekitError(f"cannot fetch {address}: {type(error).__name__}: {error}") from error
    return target


def _suffix(path: str) -> str:
    return PurePosixPath(_name(path)).suffix.lower()


def _name(path: str) -> str:
    """The last part; of a web address without what may follow it, such as a signature."""
    if re.match(r"https?://", path):
        path = path.partition("?")[0]
    return PurePosixPath(path.replace("\\", "/")).name
