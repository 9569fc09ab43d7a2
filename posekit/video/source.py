"""What all kinds of clips have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import cv2
import numpy as np

from posekit.image import RGB


class Source:
    """Where the frames of a `Video` come from; see there for the attributes."""

    fps = 25.0
    codec = ""
    pixel_aspect = Fraction(1)
    has_sound = False
    seeks = False

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.offsets: Sequence[float] = (0.0,)
        self.size: tuple[int, int] | None = None

    def count(self) -> int:
        """How many frames there are."""
        raise NotImplementedError

    def timed(self) -> Iterator[tuple[float, RGB]]:
        """Iterates over (time in seconds from the start, frame)."""
        raise NotImplementedError

    def timed_from(self, start: float) -> Iterator[tuple[float, RGB]]:
        """Iterates over (time, frame) from a time on, in seconds."""
        return ((time, frame) for time, frame in self.timed() if time >= start)

    def note(self, sentence: str) -> None:
        """Keeps a sentence about something unusual, unless it has been kept already."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def fit(self, frame: RGB) -> RGB:
        """The frame, scaled to the size of the first one."""
        size = frame.shape[1], frame.shape[0]
        if self.size is None:
            self.size = size
        if size == self.size:
            return frame
        self.note(f"not all frames have the same size; they are scaled to the first one's, {self.size[0]}×{self.size[1]}")
        return np.asarray(cv2.resize(frame, self.size, interpolation=cv2.INTER_AREA), np.uint8)
