"""What every pose model offers, so that no other room needs to know which one it has."""

from __future__ import annotations

from typing import Protocol

from posekit.image import RGB, Region
from posekit.pose import Poses


class PoseModel(Protocol):
    """A picture in, `Poses` out: what `load_model` returns, and what a model of your own needs to take its place.

    Attributes:
        name: its name in messages.
        input_size: the side of the square that the network sees, in pixels.
        live_size: the side of the square that a live picture is shrunk to, in pixels.
        max_people: how many people it can find.
    """

    name: str
    input_size: int
    live_size: int
    max_people: int

    def look(self, image: RGB, region: Region | None = None) -> Poses:
        """Looks once at one region of a picture, by default the whole; see `MoveNet.look`."""
        ...

    def __call__(self, image: RGB, *, passes: int | None = None, min_confidence: float | None = None) -> Poses:
        """Finds the people in a picture; see `MoveNet.__call__`."""
        ...

    def default_min_confidence(self, passes: int) -> float:
        """The `min_confidence` that was measured for this model, after one or two passes."""
        ...
