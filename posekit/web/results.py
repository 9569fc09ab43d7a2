"""What visitors get to see of their photos: files under random names in a private folder, gone after a quarter of an hour."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Seconds after which a result is deleted.
RESULT_LIFETIME = 15 * 60

#: Seconds between two looks at what is too old.
SWEEP = 10

#: All files together, in bytes; where there are more, the oldest go early.
MAX_STORED_BYTES = 500_000_000

_PREFIX = "posekit-medias-"


@dataclass(frozen=True)
class Result:
    """What is kept of one photo.

    Attributes:
        key: random; who does not know it finds nothing.
        about: for the page, in memory only.
        files: last parts of the names → sizes in bytes.
        until: when it is deleted, by the clock of `ResultStore`.
    """

    key: str
    about: Mapping[str, Any]
    files: Mapping[str, int]
    until: float


class ResultStore:
    """A folder that only this user can read. It goes when the program ends, and if that was killed, with the next one.

    Args:
        lifetime: seconds that a result stays.
        max_bytes: of all files together.
        clock: seconds; not the time of day, which can be set back.
    """

    def __init__(
        self, *, lifetime: float = RESULT_LIFETIME, max_bytes: int = MAX_STORED_BYTES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        _remove_orphans()
        self._home = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
        self.folder = Path(self._home.name)
        self._lifetime, self._max_bytes, self._clock = lifetime, max_bytes, clock
        self._results: dict[str, Result] = {}  # the oldest first
        self._lock = threading.Lock()
        self._closed = threading.Event()
        threading.Thread(target=self._sweep_on, name="posekit-medias", daemon=True).start()

    def put(self, files: Mapping[str, bytes], about: Mapping[str, Any]) -> Result:
        """Keeps files for a while.

        Args:
            files: last part of the name, such as `"pose.jpg"` → content. Never a visitor's name.
            about: kept with them, in memory.
        """
        key = secrets.token_hex(16)
        for part, content in files.items():
            (self.folder / f"{key}_{part}").write_bytes(content)
        sizes = {part: len(content) for part, content in files.items()}
        result = Result(key, about, sizes, self._clock() + self._lifetime)
        with self._lock:
            self._results[key] = result
        self.sweep()
        return result

    def get(self, key: str) -> Result | None:
        """The result of that key, unless its time is over."""
        result = self._results.get(key)
        return result if result and self._clock() < result.until else None

    def path(self, name: str) -> Path | None:
        """The file called `name`, if there is one. The name is looked up, and is no path."""
        key, _, part = name.partition("_")
        result = self.get(key)
        return self.folder / f"{result.key}_{part}" if result and part in result.files else None

    def sweep(self) -> None:
        """Deletes what is too old, or too much."""
        with self._lock:
            now, total = self._clock(), sum(sum(result.files.values()) for result in self._results.values())
            for key, result in list(self._results.items()):
                if now < result.until and total <= self._max_bytes:
                    break  # all that follow are newer
                del self._results[key]
                total -= sum(result.files.values())
                for part in result.files:
                    (self.folder / f"{key}_{part}").unlink(missing_ok=True)

    def close(self) -> None:
        """Deletes everything."""
        self._closed.set()
        with self._lock:
            self._results.clear()
        self._home.cleanup()

    def _sweep_on(self) -> None:
        while not self._closed.wait(SWEEP):
            self.sweep()
            self.folder.touch()  # somebody is here: see below


def _remove_orphans() -> None:
    """Folders of servers that were killed: nobody touched them for long."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if time.time() - folder.stat(follow_symlinks=False).st_mtime > RESULT_LIFETIME and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)
