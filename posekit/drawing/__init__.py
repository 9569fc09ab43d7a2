"""Draws poses onto pixels and matplotlib axes, shows pictures in a notebook, and encodes the results."""

from posekit.drawing.angles import draw_angles
from posekit.drawing.draw import draw, line_width
from posekit.drawing.encode import encode_jpeg, encode_png, shrink
from posekit.drawing.plot import plot
from posekit.drawing.show import show

__all__ = ["draw", "draw_angles", "encode_jpeg", "encode_png", "line_width", "plot", "show", "shrink"]
