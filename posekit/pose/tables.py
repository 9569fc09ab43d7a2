"""Tracks as tables, and tables as files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from posekit.atomic import replacing, reserved, sweep
from posekit.errors import PosekitError, require
from posekit.pose.poses import Poses, coco_keypoints
from posekit.pose.skeleton import KEYPOINTS

if TYPE_CHECKING:
    import pandas


def tracks_to_pandas(times: Sequence[float], poses: Sequence[Poses], *, first: int = 0) -> pandas.DataFrame:
    """A table of tracks: one row for each keypoint of each person of each frame.

    Args:
        times: the times of the frames, in seconds.
        poses: the people in each frame, with ids.
        first: the number of the first frame.

    Returns:
        Columns frame, time (seconds), id, person (index in the frame), keypoint (its name), x, y (pixels), score (0…1).

    Raises:
        PosekitError: a person has no id.
        MissingExtraError: pandas is not installed.
    """
    pd = require("pandas", extra="video")
    if any(len(each) and each.id is None for each in poses):
        raise PosekitError("these poses have no ids, and tracks need them: call a posekit.Tracker for each frame, not the model")
    counts = [len(each) for each in poses]
    everybody = Poses.concat(poses, (0, 0))
    rows = {
        "frame": np.repeat(np.arange(first, first + len(counts), dtype=np.int32), counts),
        "time": np.repeat(np.asarray(times, float), counts),
        "id": np.array([track for each in poses for track in (() if each.id is None else each.id.tolist())], np.int32),
        "person": np.array([i for n in counts for i in range(n)], np.int32),
    }
    names = pd.Categorical.from_codes(np.tile(np.arange(17), len(everybody)), categories=list(KEYPOINTS))
    xy, score = everybody.xy, everybody.score
    table: pandas.DataFrame = pd.DataFrame({name: np.repeat(row, 17) for name, row in rows.items()})
    return table.assign(keypoint=names, x=xy[..., 0].ravel(), y=xy[..., 1].ravel(), score=score.ravel())


def save_tracks(table: pandas.DataFrame, target: str | Path) -> Path:
    """Writes a table of tracks, whole or not at all.

    Args:
        table: from `tracks_to_pandas`.
        target: a file that ends in .csv, .parquet, or .json (COCO's results format: image_id is the frame, track_id the id).

    Returns:
        The target.

    Raises:
        PosekitError: `target` has another ending, its folder does not exist, or it cannot be written.
        MissingExtraError: pyarrow, which .parquet needs, is not installed.
    """
    target = Path(target)
    check_tracks_target(target)
    sweep(target.parent)
    try:
        with replacing(target) as part:
            _WRITERS[target.suffix.lower()](table, part)
    except OSError as error:
        raise PosekitError(f"cannot write {target}: {error.strerror or error}") from error
    return target


def check_tracks_target(target: str | Path) -> None:
    """Checks, before any work is done, that `save_tracks` can write there.

    Raises:
        PosekitError: `target` has another ending, is a folder, or lies in a folder that does not exist or cannot be written to.
        MissingExtraError: pyarrow, which .parquet needs, is not installed.
    """
    target = Path(target)
    if target.suffix.lower() not in _WRITERS:
        raise PosekitError(f"cannot write {target.name}: tables are written as .csv, .parquet or .json")
    if target.suffix.lower() == ".parquet":
        require("pyarrow", extra="video")
    if not target.parent.is_dir():
        raise PosekitError(f"there is no folder {target.parent} to write {target.name} into")
    if target.is_dir():
        raise PosekitError(f"cannot write {target}: it is a folder")
    try:
        with reserved(target):
            pass
    except OSError as error:
        raise PosekitError(f"cannot write {target}: {error.strerror or error}") from error


def _to_csv(table: pandas.DataFrame, target: Path) -> None:
    table.to_csv(target, index=False, float_format="%.3f")


def _to_parquet(table: pandas.DataFrame, target: Path) -> None:
    table.to_parquet(target, index=False)


def _to_coco(table: pandas.DataFrame, target: Path) -> None:
    values = table[["x", "y", "score"]].to_numpy(float).reshape(-1, 17, 3)
    rows = coco_keypoints(values[..., :2], values[..., 2])
    people = table[["frame", "id"]].to_numpy()[::17].tolist()
    results = [
        {"image_id": frame, "category_id": 1, "track_id": track, "keypoints": row.round(3).tolist(), "score": score}
        for (frame, track), row, score in zip(people, rows, rows[:, 2::3].mean(axis=1).tolist(), strict=True)
    ]
    target.write_text(json.dumps(results))


_WRITERS = {".csv": _to_csv, ".parquet": _to_parquet, ".json": _to_coco}
