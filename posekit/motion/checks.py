"""Checks of what the functions of this room are given: numbers, poses, and times that increase."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posekit.errors import PosekitError
from posekit.pose import Pose, Poses


def number(value: Any, what: str, least: float = -np.inf, most: float = np.inf) -> float:
    """Returns `value` as a finite number from `least` to `most`.

    Raises:
        PosekitError: it is not one; `what` says what was expected.
    """
    plain = float(value) if isinstance(value, Real) and not isinstance(value, bool) else np.nan
    if not (least <= plain <= most and abs(plain) < np.inf):
        raise PosekitError(f"expected {what}; got {value!r}")
    return plain


def threshold_of(value: Any) -> float:
    """Returns a threshold for the scores of keypoints, 0…1.

    Raises:
        PosekitError: it is not a number in that range.
    """
    return number(value, "a threshold for scores, from 0 to 1", 0, 1)


def list_of_poses(poses: Any) -> list[Pose]:
    """Returns `Poses`, a `Pose`, or several of these as a list.

    Raises:
        PosekitError: something else is among them.
    """
    people = list(poses) if isinstance(poses, Iterable) and not isinstance(poses, Pose) else [poses]
    for each in people:
        if not isinstance(each, Pose):
            kind = type(poses if each is poses or isinstance(poses, str) else each).__name__
            raise PosekitError(
                f"expected poses, as a model or a Tracker returns them, or a list of Pose; got {kind} "
                "(posekit.motion.pose_of makes a Pose of 17 points)"
            )
    return people


def frame_of_poses(poses: Any) -> Poses:
    """Returns the people of one frame.

    Raises:
        PosekitError: they are something else.
    """
    if not isinstance(poses, Poses):
        raise PosekitError(f"expected the poses of one frame, as a model or a Tracker returns them; got {type(poses).__name__}")
    return poses


def check_times(frame: NDArray[Any], time: NDArray[Any]) -> None:
    """Checks that each frame has one time, later than that of the previous frame.

    Args:
        frame: (n,) the frame numbers of some rows, in order.
        time: (n,) their times in seconds.

    Raises:
        PosekitError: a time is not a number, or is not later than the one before.
    """
    if not np.isfinite(time).all():
        wrong = int(np.flatnonzero(~np.isfinite(time))[0])
        raise PosekitError(f"every row needs a time in seconds; in frame {frame[wrong]} it is {time[wrong]}")
    same, step = np.diff(frame) == 0, np.diff(time)
    wrong_rows = np.flatnonzero(np.where(same, step != 0, step <= 0))
    if len(wrong_rows):
        i = int(wrong_rows[0])
        how = "differ within a frame" if same[i] else "run backwards" if step[i] < 0 else "stand still"
        raise PosekitError(
            f"the times of the table {how}: {time[i]:g} s in frame {frame[i]}, {time[i + 1]:g} s in frame {frame[i + 1]}; "
            "it must hold one clip, with a later time for each frame"
        )
