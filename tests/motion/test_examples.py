import shutil

import pytest

import posekit


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
