"""The times of a clip: they start at 0 and always increase, across every jump."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

#: How far time may go back or forward from one frame to the next, in seconds, without counting as a jump. Where it goes back
#: further, another recording begins; a smaller step is smoothed over. Transport streams restart their clocks, and FFmpeg bridges
#: steps that exceed these limits (dts_delta_threshold); in other formats a long still is as likely as a gap.
SLACK, SLACK_IN_STREAMS = (-1.0, 600.0), (-0.1, 10.0)

#: How long after the previous frame a frame is shown whose time stamp is not later, in seconds.
_NUDGE = 0.001

#: How far a frame's time must be before that of the previous frame to be reported, in seconds, since files round their times.
_TOLD = 0.01


class Clock:
    """Turns the time stamps of a file into seconds from its start.

    Args:
        start: when the file starts, in its own times; None: at its first frame.
        step: seconds from one frame to the next, for frames without a time of their own.
        slack: how far time may go back (negative) or forward, in seconds; anything beyond is a jump, and is bridged.
        report: called with sentences about jumps.

    Attributes:
        offsets: what was added to the times of the file, in seconds, for each stretch of it; a new stretch begins at each jump.
        repeated: how many frames had the time of the previous one.
        late: how many frames had an earlier time than the previous one.
    """

    def __init__(self, start: float | None, step: float, slack: tuple[float, float], report: Callable[[str], None]) -> None:
        self._step, self._slack, self._report = step, slack, report
        self.offsets = [] if start is None else [-start]
        self._file_time: float | None = None
        self._last: float | None = None
        self._frames = self.repeated = self.late = 0

    def __call__(self, file_time: float | None) -> float:
        """The time of the next frame, in seconds from the start."""
        if not self.offsets:
            self.offsets.append(-(file_time or 0.0))
        self._last = self._next(file_time)
        self._frames += 1
        self._file_time = file_time
        return self._last

    def notes(self) -> list[str]:
        """Sentences about frames whose times are not those of the file."""
        of = "frame has" if self.repeated == 1 else "frames have"
        repeated = f"{self.repeated} {of} the same time as the previous one; they follow it at the clip's rate"
        late = f"{self.late} {'frame has an earlier time' if self.late == 1 else 'frames have earlier times'} than the previous one"
        return [repeated] * bool(self.repeated) + [f"{late}; they follow right after it"] * bool(self.late)

    def _next(self, file_time: float | None) -> float:
        if self._last is None:
            return 0.0 if file_time is None else max(0.0, file_time + self.offsets[-1])
        expected = self._last + self._step
        if file_time is None:
            return expected
        if file_time == self._file_time:
            self.repeated += 1
            return expected
        leap = file_time + self.offsets[-1] - self._last
        if self._slack[0] <= leap <= self._slack[1]:
            self.late += leap < -_TOLD
            return max(file_time + self.offsets[-1], self._last + _NUDGE)
        self._report(
            f"a gap of {_spoken(leap)} after {self._frames} frames is bridged"
            if leap > 0
            else f"its times start again after {self._frames} frames; the rest follows on"
        )
        self.offsets.append(expected - file_time)
        return expected


class Stamps:
    """FFmpeg's `best_effort_timestamp`, which PyAV lacks: where presentation times go back more often, decoding times are taken.

    Args:
        ordered: False for AVI, which has no presentation times; FFmpeg's guesses are wrong where frames refer to later ones.
    """

    def __init__(self, *, ordered: bool) -> None:
        self._ordered = ordered
        self._pts = self._dts = -math.inf
        self._faults = 0  # how much more often presentation times went back than decoding times

    def __call__(self, pts: int | None, dts: int | None) -> int | None:
        """The time stamp of the next frame; None where only its position in the file is known."""
        if not self._ordered:
            return dts
        if dts is not None:
            self._faults -= dts <= self._dts
        if pts is not None:
            self._faults += pts <= self._pts
        self._dts = next((stamp for stamp in (dts, pts) if stamp is not None), self._dts)
        self._pts = next((stamp for stamp in (pts, dts) if stamp is not None), self._pts)
        return dts if dts is not None and (pts is None or self._faults > 0) else pts


def follow(offsets: Sequence[float], file_time: float, expected: float | None, stretch: int) -> int:
    """Which stretch of a clip a packet of sound belongs to: the one in which it best continues the sound so far.

    Args:
        offsets: those of the picture's `Clock`.
        file_time: the packet's time in the file, in seconds.
        expected: the time, in seconds from the start, at which the sound so far ends; None for the first packet.
        stretch: the index of the last packet's stretch.
    """
    if expected is None:
        return stretch
    return min(range(stretch, len(offsets)), key=lambda i: abs(file_time + offsets[i] - expected))


def _spoken(seconds: float) -> str:
    return (
        f"{seconds / 3600:.1f} hours"
        if seconds >= 3600
        else f"{seconds / 60:.0f} minutes"
        if seconds >= 120
        else f"{seconds:.0f} s"
    )
