import shutil

import numpy as np
import pytest

import posekit
from posekit.motion import pose_of


def test_pictures_are_collected_from_a_folder_for_each_posture(tmp_path):
    for name in ("waving", "greeting"):
        (tmp_path / name).mkdir()
        shutil.copy(posekit.sample("person"), tmp_path / name)
    (tmp_path / "waving" / "notes.txt").write_text("no picture")
    with pytest.warns(UserWarning, match=r"nobody was found in 1 of 3 files: notes\.txt"):
        poses, labels = posekit.read_postures(tmp_path, posekit.load_model("lightning"))
    assert labels == ["greeting", "waving"]
    assert poses[0]["nose"].score > 0.3


def test_a_folder_without_pictures_is_explained(tmp_path):
    with pytest.raises(posekit.PosekitError, match="a folder of pictures for each posture; nobody is in 0 files"):
        posekit.read_postures(tmp_path, posekit.load_model("lightning"))
    for folder, model in ((None, len), (tmp_path, None)):
        with pytest.raises(posekit.PosekitError, match="expected a folder and a model"):
            posekit.read_postures(folder, model)


def test_a_pose_of_points_alone_has_their_box_and_refuses_what_is_not_a_number():
    points = np.column_stack([np.arange(17), np.arange(17) * 2, np.full(17, 0.5)])
    pose = pose_of(points, (64, 48))
    assert (pose.box.tolist(), pose.confidence, pose.size) == ([0, 0, 16, 32], 0.5, (64, 48))
    points[3, 1] = np.nan
    for wrong in (points, points[:16], None, [1, 2], "nose"):
        with pytest.raises(posekit.PosekitError, match="score of 17 points"):
            pose_of(wrong)
