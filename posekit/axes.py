"""Matplotlib axes: the ones that are given, or those of a new figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.errors import PosekitError, require

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def axes_for(ax: Axes | None, size: tuple[float, float]) -> tuple[Figure, Axes]:
    """Returns the figure and axes to plot on.

    Args:
        ax: existing axes; None makes a new figure.
        size: (width, height) of a new figure, in inches.

    Raises:
        PosekitError: `ax` is something else, or is no longer in a figure.
        MissingExtraError: matplotlib is not installed.
    """
    pyplot = require("matplotlib.pyplot", extra="notebooks")
    if ax is None:
        ax = pyplot.subplots(figsize=size, layout="constrained")[1]
    if not isinstance(ax, pyplot.Axes):
        one = "; take one of them" if type(ax).__name__ == "ndarray" else ""
        raise PosekitError(f"expected axes of matplotlib, such as those of pyplot.subplots(), as ax; got {type(ax).__name__}{one}")
    figure = ax.get_figure(root=True)
    if figure is None:
        raise PosekitError("these axes have been removed from their figure; make new ones, such as with pyplot.subplots()")
    return figure, ax
