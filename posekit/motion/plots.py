"""Plots movements on matplotlib axes: an angle over time, a strip of skeletons, a trajectory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.axes import axes_for
from posekit.errors import PosekitError, nearest
from posekit.motion.angles import NAMES, check_angles
from posekit.motion.checks import number
from posekit.motion.tracks import Track, people
from posekit.pose import EDGES, LOOK, THRESHOLD, keypoint_index, side

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_angle(
    angles: pandas.DataFrame, name: str, *, repetitions: pandas.DataFrame | None = None, ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """Plots an angle over time, with the repetitions marked.

    Args:
        angles: a table of `posekit.angles`.
        name: one of its columns, such as `"left_knee"`.
        repetitions: a table of `posekit.repetitions`; each one is shaded from start to end, with its number at the extreme.
        ax: where to plot; by default in a new figure.

    Returns:
        The figure and the axes.

    Raises:
        PosekitError: there is no such column, or `ax` is something else.
        MissingExtraError: matplotlib is not installed.
    """
    check_angles(angles)
    if name not in NAMES:
        raise PosekitError(f"there is no angle {name!r}; {nearest(name, NAMES)}")
    marks = [] if repetitions is None else _marks(repetitions)
    figure, ax = axes_for(ax, (8, 3))
    for person, mine in angles.groupby("id"):
        ax.plot(mine["time"], mine[name], label=f"id {person}")
    if angles["id"].nunique() > 1:
        ax.legend(frameon=False)
    for start, extreme, end, nth in marks:
        ax.axvspan(start, end, color="0.9", zorder=0)
        ax.axvline(extreme, color="0.6", linewidth=1, zorder=0)
        ax.annotate(f"{nth:.0f}", (extreme, 1), xycoords=("data", "axes fraction"), ha="center", va="bottom")
    ax.set(xlabel="time (s)", ylabel=f"{name.replace('_', ' ')} (°)")
    return figure, ax


def plot_strip(
    tracks: pandas.DataFrame, *, count: int = 9, person: int | None = None, threshold: float = THRESHOLD, ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """Plots a movement at a glance: the skeleton at several moments, side by side.

    Args:
        tracks: a table of tracks.
        count: how many moments, evenly spaced in time.
        person: the id of the person; by default the one who is there longest.
        threshold: keypoints with a lower score, and bones to them, are left out.
        ax: where to plot; by default in a new figure.

    Returns:
        The figure and the axes.

    Raises:
        PosekitError: nobody is there, or not with that id; or `ax` is something else.
        MissingExtraError: matplotlib is not installed.
    """
    count = int(number(count, "a count of moments, 1 or more", 1))
    track = _track(tracks, person)
    track = track[np.isfinite(track.above(threshold)).any(axis=(1, 2))]
    if not len(track):
        raise PosekitError(f"no keypoint of this person has a score of {threshold:g} or more; give a lower threshold")
    rows = np.abs(track.time[:, None] - np.linspace(track.time[0], track.time[-1], count)).argmin(axis=0)
    xy = track.above(threshold)[rows]
    width = 1.15 * float(np.nanmax(np.nanmax(xy[..., 0], axis=1) - np.nanmin(xy[..., 0], axis=1)))
    figure, ax = axes_for(ax, (count, 2.6))
    for place, (points, time) in enumerate(zip(xy, track.time[rows], strict=True)):
        middle = (np.nanmax(points[:, 0]) + np.nanmin(points[:, 0])) / 2
        shifted = points + [place * width - middle, 0]
        for a, b in EDGES:
            kind = side(a, b)
            ax.plot(
                *shifted[[a, b]].T,
                color=_rgb(kind),
                linestyle=_dash(kind),
                linewidth=2,
                solid_capstyle="round",
            )
        ax.annotate(f"{time:.1f} s", (place * width, 0), xycoords=("data", "axes fraction"), ha="center", va="top")
    ax.set_aspect("equal")
    ax.invert_yaxis()
    ax.set_axis_off()
    return figure, ax


def plot_trajectory(
    tracks: pandas.DataFrame, keypoint: str, *, person: int | None = None, threshold: float = THRESHOLD, ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """Plots the path of a keypoint through the picture, coloured by time.

    Args:
        tracks: a table of tracks.
        keypoint: such as `"left_wrist"`.
        person: the id of the person; by default the one who is there longest.
        threshold: points with a lower score are left out.
        ax: where to plot; by default in a new figure.

    Returns:
        The figure and the axes.

    Raises:
        PosekitError: nobody is there, or not with that id; there is no such keypoint; or `ax` is something else.
        MissingExtraError: matplotlib is not installed.
    """
    index, track = keypoint_index(keypoint), _track(tracks, person)
    x, y = track.above(threshold)[:, index].T
    figure, ax = axes_for(ax, (5, 5))
    ax.plot(x, y, color="0.8", linewidth=1, zorder=1)
    points = ax.scatter(x, y, c=track.time, s=12, zorder=2)
    figure.colorbar(points, ax=ax, label="time (s)", shrink=0.8)
    ax.set(xlabel="x (pixels)", ylabel="y (pixels)", title=keypoint.replace("_", " "), aspect="equal")
    if not ax.yaxis_inverted():
        ax.invert_yaxis()
    return figure, ax


def _marks(repetitions: Any) -> list[list[float]]:
    """Start, extreme, end and number of each repetition."""
    names = ["start", "extreme", "end", "number"]
    if not set(names) <= set(getattr(repetitions, "columns", ())):
        raise PosekitError(f"expected a table of posekit.repetitions, with {', '.join(names)}; got {type(repetitions).__name__}")
    marks: list[list[float]] = repetitions[names].to_numpy(float).tolist()
    return marks


def _track(tracks: pandas.DataFrame, person: int | None) -> Track:
    everybody = people(tracks)
    if not everybody:
        raise PosekitError("nobody is in this table of tracks")
    if person is None:
        return max(everybody.values(), key=len)
    if person not in everybody:
        raise PosekitError(f"nobody has the id {person}; there are: {', '.join(map(str, everybody))}")
    return everybody[person]


def _dash(kind: str) -> Any:
    dash = LOOK.sides[kind].dash
    return (0, dash) if dash else "-"


def _rgb(kind: str) -> tuple[float, ...]:
    """The colour of a side; the centre, which is white on pictures, is grey in plots."""
    return (0.45, 0.45, 0.45) if kind == "centre" else tuple(value / 255 for value in LOOK.sides[kind].color)
