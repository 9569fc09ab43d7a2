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

#: The angle columns of a table of angles: the eight joints, and how far the trunk leans from the vertical.
NAMES = (*ANGLES, "trunk_lean")

_KEYS = ["frame", "time", "id"]
_JOINTS = np.array(list(ANGLES.values()))
_SHOULDERS, _HIPS = ([INDEX["left_" + joint], INDEX["right_" + joint]] for joint in ("shoulder", "hip"))

#: The order of the low-pass filter. Run forwards and backwards, it has twice the order and no lag (Winter, "Biomechanics and Motor
#: Control of Human Movement").
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

    A joint that bends towards the camera looks straighter than it is; an angle is right where the limb moves across the line of
    sight. For a clip whose pixels are not square (`tracks.attrs["pixel_aspect"]`), the angles are those that a player shows.

    A hidden joint is not missing: MoveNet guesses it, often with a high score, so no threshold finds all of them. In the rendered
    workouts Thunder's elbow angles are off by 3 degrees on average where all three joints are in sight, and by 9 where one is
    hidden. Most of these errors are in arms that point at the camera, where a few pixels make a large angle, and in the far arm
    seen from the side.

    Args:
        tracks: the table of tracks, as `annotate_video` returns it. A CSV file does not keep its `attrs`.
        threshold: keypoints with a lower score count as missing.
        max_gap: gaps of up to this many seconds, from the last angle before to the first one after, are bridged by straight lines.
        cutoff: smooths with a Butterworth filter of this cut-off frequency, in hertz; 6 is usual for walking. A clip whose frame
            rate is under twice the cut-off is not smoothed.
        causal: smooths from the past alone, as a live picture requires, which makes the angles lag. Otherwise the filter runs both
            ways, and they do not lag.

    Returns:
        Columns frame, time (seconds), id, and in degrees the angles of elbows, shoulders, hips and knees (0…180; 180 is straight)
        and trunk_lean, the angle between the vertical and the line from hips to shoulders: 0 is upright, 90 level, 180 upside down.
        NaN where a point is missing.

    Raises:
        PosekitError: `tracks` is not a table of tracks, or `threshold`, `max_gap` or `cutoff` is out of range.
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
    """Fills gaps of at most `longest` seconds with straight lines, column by column.

    Args:
        time: (n,) seconds.
        values: (n, k), NaN where missing.
        longest: seconds from the last value before a gap to the first one after.

    Returns:
        (n, k), with NaN left in longer gaps.
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
        values: (n, k), NaN where missing; NaN stays NaN.
        cutoff: the cut-off frequency, in hertz.
        causal: whether the filter runs forwards only.

    Returns:
        (n, k), smoothed; unchanged where the frame rate is under twice the cut-off.

    Raises:
        PosekitError: the cut-off is not positive.
    """
    cutoff = _cutoff(cutoff)
    signal = require("scipy.signal", extra="motion")
    step = float(np.median(np.diff(time))) if len(time) > 1 else np.inf
    smoothed = values.copy()
    if 2 * cutoff * step >= 1:
        return smoothed  # such a low frame rate holds no frequencies that could be removed
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
    """Filters one stretch, resampled to even steps and back."""
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
        table: a table of `angles`; smooth it first, since differences amplify noise.

    Returns:
        The same columns, with the angles in degrees per second (central differences); NaN beside a gap.

    Raises:
        PosekitError: `table` is not a table of angles.
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
        table: a table of `angles`.

    Returns:
        A row for each person and joint: id, joint, left and right (the range of motion of each side in degrees, from the 5th to the
        95th percentile), and index, the symmetry index of Robinson, Herzog and Nigg (1987): their difference in percent of their
        mean. 0 is symmetric; it is positive where the left side moves more. From the side, the far limb is guessed.

    Raises:
        PosekitError: `table` is not a table of angles.
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
    """Checks that this is a table of angles whose times increase.

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
