"""Joint angles over time, their velocity, and how much left and right differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from posekit.errors import PosekitError, require
from posekit.motion.checks import check_times, number
from posekit.motion.tracks import people
from posekit.pose import ANGLES, INDEX, THRESHOLD, angle_between, joint_angle

if TYPE_CHECKING:
    import pandas

#: Columns of a table of angles: the eight joints, and how far the trunk leans from the vertical.
NAMES = (*ANGLES, "trunk_lean")

_KEYS = ["frame", "time", "id"]
_JOINTS = np.array(list(ANGLES.values()))
_SHOULDERS, _HIPS = ([INDEX["left_" + joint], INDEX["right_" + joint]] for joint in ("shoulder", "hip"))

#: Of the low-pass filter. Run forwards and backwards it has twice the order and no lag (Winter, "Biomechanics and Motor Control of
#: Human Movement").
ORDER = 2


def angles(
    tracks: pandas.DataFrame,
    *,
    threshold: float = THRESHOLD,
    max_gap: float = 0.0,
    cutoff: float | None = None,
    causal: bool = False,
) -> pandas.DataFrame:
    """Measures joint angles in each frame of a clip, in the plane of the picture.

    A joint that bends towards the camera looks straighter than it is: an angle is right where the limb moves across the line of
    sight. A clip whose pixels are not square has the angles that a player shows, by `tracks.attrs["pixel_aspect"]`.

    A hidden joint is not a missing one: MoveNet guesses it, and often with a high score, so no threshold finds all of them. On the
    rendered workouts Thunder's elbows are off by 3 degrees on average where the three joints are in sight, and by 9 where one is
    hidden: mostly in arms that point at the camera, whose few pixels make a large angle, and in the far arm from the side.

    Args:
        tracks: the table of tracks, as `annotate_video` returns it. A CSV file does not keep its `attrs`.
        threshold: keypoints with a lower score are missing.
        max_gap: bridges gaps that are not longer than this, in seconds, by straight lines; from the last angle before to the first
            one after.
        cutoff: smooths with a Butterworth filter of this cut-off frequency, in hertz; 6 is usual for people who walk. A rate under
            twice the cut-off is left as it is.
        causal: smooths as a live picture must be, from the past alone; it lags. Else the filter runs both ways and does not.

    Returns:
        Columns frame, time, id, and degrees for elbows, shoulders, hips and knees (0…180; 180 is straight), and trunk_lean: of the
        line from hips to shoulders against the vertical, 0 upright, 90 level, 180 upside down. NaN where a point is missing.

    Raises:
        PosekitError: it is no table of tracks, or `threshold`, `max_gap` or `cutoff` is out of range.
        MissingExtraError: SciPy is needed for `cutoff`, and is not installed.
    """
    pd = require("pandas", extra="motion")
    max_gap = number(max_gap, "the longest gap to bridge in seconds, 0 or more, as max_gap", 0)
    cutoff = None if cutoff is None else _cutoff(cutoff)
    tables = []
    for person, track in people(tracks).items():
        values = measure(track.above(threshold))
        values = bridge(track.time, values, max_gap) if max_gap > 0 else values
        values = smooth(track.time, values, cutoff, causal=causal) if cutoff else values
        keys = pd.DataFrame({"frame": track.frame, "time": track.time, "id": person})
        tables.append(keys.join(pd.DataFrame(values, columns=list(NAMES))))
    empty = pd.DataFrame({name: np.zeros(0, float if name in NAMES else kind) for name, kind in _types()})
    table: pandas.DataFrame = pd.concat(tables, ignore_index=True) if tables else empty
    return table.sort_values(["frame", "id"], ignore_index=True)


def _types() -> list[tuple[str, Any]]:
    return [("frame", np.int64), ("time", float), ("id", np.int64), *((name, float) for name in NAMES)]


def measure(xy: NDArray[Any]) -> NDArray[np.float64]:
    """(n, 17, 2) pixels → (n, 9) degrees in the order of `NAMES`."""
    trunk = (xy[:, _SHOULDERS].sum(axis=1) - xy[:, _HIPS].sum(axis=1)) / 2
    return np.column_stack([joint_angle(xy[:, _JOINTS]), angle_between(trunk, (0, -1))])


def bridge(time: NDArray[Any], values: NDArray[Any], longest: float) -> NDArray[np.float64]:
    """Fills gaps of at most `longest` seconds by straight lines, column by column.

    Args:
        time: (n,) seconds.
        values: (n, k), NaN where missing.
        longest: from the last value before a gap to the first one after.
    """
    filled = values.copy()
    for column in filled.T:
        known = np.flatnonzero(np.isfinite(column))
        if len(known) < 2:
            continue
        after = np.searchsorted(known, np.arange(len(time))).clip(1, len(known) - 1)
        first, last = known[after - 1], known[after]
        fits = (first < np.arange(len(time))) & (np.arange(len(time)) < last) & (time[last] - time[first] <= longest + 1e-9)
        column[fits] = np.interp(time[fits], time[known], column[known])
    return filled


def smooth(time: NDArray[Any], values: NDArray[Any], cutoff: float, *, causal: bool = False) -> NDArray[np.float64]:
    """Runs a Butterworth low-pass filter over each stretch without gaps, column by column.

    Args:
        time: (n,) seconds; steps may be uneven.
        values: (n, k), NaN where missing, which they stay.
        cutoff: hertz.
        causal: forwards only.

    Raises:
        PosekitError: the cut-off is not positive.
    """
    cutoff = _cutoff(cutoff)
    signal = require("scipy.signal", extra="motion")
    step = float(np.median(np.diff(time))) if len(time) > 1 else np.inf
    smoothed = values.copy()
    if 2 * cutoff * step >= 1:
        return smoothed  # slower frames than that hold nothing to take away
    sections = signal.butter(ORDER, cutoff, fs=1 / step, output="sos")
    for column in smoothed.T:
        known = np.flatnonzero(np.isfinite(column))
        gaps = (np.diff(known) > 1) | (np.diff(time[known]) > 2.5 * step)
        for rows in np.split(known, np.flatnonzero(gaps) + 1):
            if len(rows) > 1:
                column[rows] = _filtered(signal, sections, time[rows], column[rows], step, causal)
    return smoothed


def _cutoff(cutoff: float) -> float:
    return number(cutoff, "a cut-off frequency over 0 Hz (6 is usual), or None", np.nextafter(0, 1))


def _filtered(signal: Any, sections: Any, time: NDArray[Any], values: NDArray[Any], step: float, causal: bool) -> NDArray[Any]:
    """One stretch, on a grid of even steps and back."""
    grid = np.linspace(time[0], time[-1], max(2, round((time[-1] - time[0]) / step) + 1))
    even = np.interp(grid, time, values)
    if causal:
        even, _ = signal.sosfilt(sections, even, zi=signal.sosfilt_zi(sections) * even[0])
    else:
        even = signal.sosfiltfilt(sections, even, padlen=min(len(even) - 1, 3 * (2 * len(sections) + 1)))
    back: NDArray[np.float64] = np.interp(time, grid, even)
    return back


def angular_velocity(table: pandas.DataFrame) -> pandas.DataFrame:
    """How fast the angles change.

    Args:
        table: of `angles`; smooth it first, since differences enlarge noise.

    Returns:
        The same columns, in degrees a second (central differences); NaN beside a gap.
    """
    check_angles(table)
    velocity = table.copy()
    velocity[list(NAMES)] = np.nan
    for _, rows in table.groupby("id").indices.items():
        if len(rows) > 1:
            values, time = table[list(NAMES)].to_numpy()[rows], table["time"].to_numpy()[rows]
            velocity.loc[table.index[rows], list(NAMES)] = np.gradient(values, time, axis=0)
    return velocity


def symmetry(table: pandas.DataFrame) -> pandas.DataFrame:
    """How much left and right differ in a clip.

    Args:
        table: of `angles`.

    Returns:
        A row for each person and joint: id, joint, left and right, the range of motion of each side in degrees (from the 5th to the
        95th percentile), and index, the symmetry index of Robinson, Herzog and Nigg (1987): their difference as a share of their
        mean in percent; 0 is symmetric, positive where the left one moves more. From the side, the far limb is guessed.
    """
    pd = require("pandas", extra="motion")
    check_angles(table)
    rows = []
    for person, mine in table.groupby("id"):
        for joint in ("elbow", "shoulder", "hip", "knee"):
            left, right = (_range(mine[f"{side}_{joint}"].to_numpy()) for side in ("left", "right"))
            mean = (left + right) / 2
            rows.append((person, joint, left, right, 100 * (left - right) / mean if mean > 0 else 0.0 * mean))
    result: pandas.DataFrame = pd.DataFrame(rows, columns=["id", "joint", "left", "right", "index"])
    return result


def _range(values: NDArray[Any]) -> float:
    known = values[np.isfinite(values)]
    return float(np.subtract(*np.quantile(known, [0.95, 0.05]))) if len(known) else float("nan")


def check_angles(table: pandas.DataFrame) -> None:
    """It is a table of angles, with times that go on.

    Raises:
        PosekitError: it is something else.
    """
    missing = [name for name in (*_KEYS, *NAMES) if name not in getattr(table, "columns", ())]
    if missing:
        raise PosekitError(f"expected a table of posekit.angles; it lacks {', '.join(missing)}")
    try:
        table[[*_KEYS, *NAMES]].to_numpy(float)
    except (TypeError, ValueError) as error:
        raise PosekitError(f"a column of the table of angles holds something that is no number: {error}") from None
    for _, mine in table.groupby("id"):
        check_times(mine["frame"].to_numpy(), mine["time"].to_numpy())
