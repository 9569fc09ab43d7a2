import numpy as np
from PIL import Image

import posekit
from posekit import errors
from posekit.cli import main


def test_demo_prints_both_poses_and_writes_both_pictures(tmp_path, capsys):
    assert main(["demo", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert said.count("left_ankle") == 2
    assert "make lab" in said
    for name, size in {"astronaut": (512, 512), "person": (640, 480)}.items():
        with Image.open(tmp_path / f"{name}_pose.png") as picture:
            assert picture.size == size
            assert (np.asarray(picture) != posekit.read_image(posekit.sample(name))).any()


def test_an_installed_wheel_does_not_advise_what_only_a_clone_has(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(errors, "__file__", str(tmp_path / "site-packages" / "posekit" / "errors.py"))
    assert main(["demo", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "make lab" not in said
    assert errors.REPOSITORY in said


def test_the_next_demo_takes_the_place_of_the_last(tmp_path):
    for _ in range(2):
        assert main(["demo", "--out", str(tmp_path)]) == 0
    assert len(list(tmp_path.iterdir())) == 2
