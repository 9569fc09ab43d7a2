import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

import posekit
from posekit import Poses, save_tracks
from posekit.pose.skeleton import KEYPOINTS
from posekit.pose.tables import tracks_to_pandas


@pytest.fixture
def table(waving):
    """Two people in the first frame, nobody in the second, one in the third."""
    one = dataclasses.replace(waving, id=np.array([7]))
    two = dataclasses.replace(Poses.concat([waving, waving], waving.size), id=np.array([7, 9]))
    return tracks_to_pandas([0.0, 0.5, 0.75], [two, Poses.empty(waving.size), one])


def test_a_row_for_each_keypoint_of_each_person_of_each_frame(table, waving):
    assert list(table.columns) == ["frame", "time", "id", "person", "keypoint", "x", "y", "score"]
    assert len(table) == 3 * 17
    assert table.groupby("frame").size().to_dict() == {0: 34, 2: 17}
    assert table.groupby("frame")["time"].first().to_dict() == {0: 0.0, 2: 0.75}
    assert table.iloc[17:34]["id"].unique().tolist() == [9]
    assert table.iloc[:34]["person"].tolist() == [0] * 17 + [1] * 17
    assert table["keypoint"].astype(str).tolist() == list(KEYPOINTS) * 3
    wrist = table[(table.frame == 2) & (table.keypoint == "right_wrist")].iloc[0]
    assert (wrist.x, wrist.y) == pytest.approx(tuple(waving.xy[0, 10]))


def test_no_frames_and_nobody_are_empty_tables():
    for empty in (tracks_to_pandas([], []), tracks_to_pandas([0.0], [Poses.empty((640, 480))])):
        assert len(empty) == 0
        assert "keypoint" in empty.columns


def test_poses_without_ids_are_not_tracks(waving):
    with pytest.raises(posekit.PosekitError, match=r"no ids.*posekit\.Tracker"):
        tracks_to_pandas([0.0], [waving])


@pytest.mark.parametrize(("ending", "read"), [(".csv", pd.read_csv), (".parquet", pd.read_parquet)])
def test_what_is_written_is_read_again(table, tmp_path, ending, read):
    again = read(save_tracks(table, tmp_path / f"tracks{ending}"))
    assert list(again.columns) == list(table.columns)
    assert again["keypoint"].astype(str).tolist() == table["keypoint"].astype(str).tolist()
    numbers = ["frame", "time", "id", "person", "x", "y", "score"]
    np.testing.assert_allclose(again[numbers], table[numbers], atol=1e-3)


def test_json_is_cocos_results_format(table, waving, tmp_path):
    people = json.loads(save_tracks(table, tmp_path / "tracks.json").read_text())
    assert [(each["image_id"], each["track_id"], each["category_id"]) for each in people] == [(0, 7, 1), (0, 9, 1), (2, 7, 1)]
    keypoints = np.array(people[0]["keypoints"]).reshape(17, 3)
    np.testing.assert_allclose(keypoints[:, :2], waving.xy[0], atol=1e-3)
    assert people[0]["score"] == pytest.approx(0.9)


def test_json_has_zeros_where_a_keypoint_is_missing(waving, tmp_path):
    hidden = dataclasses.replace(waving, score=np.linspace(0.1, 0.9, 17)[None], id=[7]).above(0.5)
    file = save_tracks(tracks_to_pandas([0.0], [hidden]), tmp_path / "tracks.json")
    (person,) = json.loads(file.read_text(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    keypoints = np.array(person["keypoints"]).reshape(17, 3)
    assert (keypoints[:8] == 0).all()
    assert (keypoints[8:] > 0).all()


def test_what_cannot_be_written_is_explained_and_leaves_nothing(table, tmp_path, monkeypatch):
    for target, message in {
        tmp_path / "tracks.xlsx": r"\.csv, \.parquet or \.json",
        tmp_path / "missing" / "tracks.csv": "no folder",
    }.items():
        with pytest.raises(posekit.PosekitError, match=message):
            save_tracks(table, target)
    (tmp_path / "tracks.csv").write_text("mine")

    def full(*_, **__):  # a stand-in for a full disk
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(posekit.PosekitError, match=r"cannot write .*tracks\.csv: No space left on device"):
        save_tracks(table, tmp_path / "tracks.csv")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"tracks.csv": "mine"}
