"""How many frames are done, and an estimate of how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from posekit.parallel.sources import Source


class FrameCount:
    """Counts frames. Clips that have not been opened yet are estimated: those that have been give the frames per byte.

    Args:
        pictures: how many pictures there are.
        clip_bytes: the size of all clips together, in bytes.

    Attributes:
        done: how many frames the finished sources have.
    """

    def __init__(self, pictures: int, clip_bytes: int) -> None:
        self.done = 0
        self._begun: dict[str, Source] = {}
        self._running: dict[str, dict[int, tuple[int, int]]] = {}
        self._pictures, self._bytes_left = pictures, clip_bytes
        self._frames_seen = self._bytes_seen = 0

    def begin(self, sources: Iterable[Source]) -> Iterator[Source]:
        """Yields the sources one by one, and notes that they have been begun."""
        for source in sources:
            self._begun[source.address] = source
            yield source

    def tell(self, address: str, piece: int, done: int, total: int) -> None:
        """Notes a worker's progress with a clip, or with a piece of one."""
        if address in self._begun:
            self._running.setdefault(address, {})[piece] = done, total

    def finish(self, row: dict[str, Any]) -> None:
        """Notes that a source is done or has failed."""
        source = self._begun.pop(row["source"])
        self._running.pop(source.address, None)
        self.done += row["frames"]
        if source.is_picture:
            self._pictures -= 1
            return
        self._bytes_left -= source.bytes
        if row["state"] == "done":
            self._frames_seen += row["frames"]
            self._bytes_seen += source.bytes

    @property
    def now(self) -> int:
        """How many frames are done so far, including those of clips in progress."""
        return self.done + sum(done for done, _ in self._pieces())

    @property
    def total(self) -> int | None:
        """An estimate of the number of all frames; None while there is nothing to base it on."""
        running = sum(total for _, total in self._pieces())
        opened = self._bytes_seen + sum(self._begun[address].bytes for address in list(self._running))
        unopened = self._bytes_left - (opened - self._bytes_seen)
        if unopened > 0 and not opened:
            return None
        unopened_frames = round((self._frames_seen + running) / opened * unopened) if unopened > 0 else 0
        return self.done + running + self._pictures + unopened_frames

    def _pieces(self) -> list[tuple[int, int]]:
        return [piece for pieces in list(self._running.values()) for piece in list(pieces.values())]
