"""The One-Euro filter, which removes jitter with little lag."""

from __future__ import annotations

from typing import Any

import numpy as np

from posekit.image import Floats


class OneEuro:
    """The One-Euro filter (Casiez, Roussel and Vogel 2012): strong smoothing for a point at rest, hardly any for a fast one.

    Args:
        min_cutoff: cut-off frequency of a point at rest, in hertz; lower smooths more.
        beta: how much the cut-off rises with the speed, in hertz per picture length per second.
        speed_cutoff: cut-off frequency of the speed itself, in hertz.
    """

    def __init__(self, min_cutoff: float = 0.5, beta: float = 100.0, speed_cutoff: float = 1.0) -> None:
        self.min_cutoff, self.beta, self.speed_cutoff = min_cutoff, beta, speed_cutoff
        self._value: Floats | None = None
        self._speed: Floats
        self._time: float

    def __call__(self, value: Floats, time: float) -> Floats:
        """Smooths one set of points.

        Args:
            value: (n, 2), as shares of the picture's longer side.
            time: seconds; where it is not later than the last one, the filter restarts.

        Returns:
            (n, 2), smoothed.
        """
        if self._value is None or time <= self._time:
            self._value, self._speed, self._time = value, np.zeros_like(value), time
            return value
        dt = time - self._time
        self._speed = self._speed + _alpha(self.speed_cutoff, dt) * ((value - self._value) / dt - self._speed)
        # One speed for both axes, so that the smoothing does not depend on the direction.
        cutoff = self.min_cutoff + self.beta * np.linalg.norm(self._speed, axis=-1, keepdims=True)
        smoothed: Floats = self._value + _alpha(cutoff, dt) * (value - self._value)
        self._value, self._time = smoothed, time
        return smoothed


def _alpha(cutoff: Any, dt: float) -> Any:
    """The weight of a new value in a low-pass filter, `dt` seconds after the last one."""
    return 1 / (1 + 1 / (2 * np.pi * cutoff * dt))
