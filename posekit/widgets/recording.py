"""Recordings of a live picture: its tracks over a period of time, as a table."""

from __future__ import annotations

import threading
import time as clock
from typing import TYPE_CHECKING

from posekit.frontend.shared import MAX_RECORDING
from posekit.pose import Poses, tracks_to_pandas

if TYPE_CHECKING:
    import pandas


class Recording:
    """The poses of the last recording, which may still be running. It is safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frames: list[tuple[float, Poses]] = []
        self._until = 0.0

    def start(self, seconds: float = MAX_RECORDING) -> None:
        """Drops the last recording and begins a new one, which ends after `seconds`."""
        with self._lock:
            self._frames, self._until = [], clock.monotonic() + seconds

    def stop(self) -> None:
        """Ends the recording and keeps it."""
        self._until = 0.0

    @property
    def running(self) -> bool:
        """Whether a recording is running."""
        return clock.monotonic() < self._until

    def add(self, time: float, poses: Poses) -> None:
        """Adds the people of a frame at `time` seconds, if a recording is running."""
        with self._lock:
            if self.running:
                self._frames.append((time, poses))

    def table(self) -> pandas.DataFrame:
        """The recording as a table of tracks; times count from its first frame, in seconds."""
        with self._lock:
            frames = list(self._frames)
        return tracks_to_pandas([time - frames[0][0] for time, _ in frames], [poses for _, poses in frames])

    def __len__(self) -> int:
        return len(self._frames)
