import json
import subprocess
import sys
from importlib.metadata import entry_points

import numpy as np
import pytest
from PIL import Image

import posekit
from posekit.cli import main
from posekit.pose.skeleton import KEYPOINTS


def test_the_command_is_installed():
    (command,) = entry_points(group="console_scripts", name="posekit")
    assert command.load() is main


def test_demo_prints_both_poses_and_writes_both_pictures(tmp_path, capsys):
    assert main(["demo", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert said.count("left_ankle") == 2
    assert "make lab" in said
    for name, size in {"astronaut": (512, 512), "person": (640, 480)}.items():
        with Image.open(tmp_path / f"{name}_pose.png") as picture:
            assert picture.size == size
            assert (np.asarray(picture) != posekit.read_image(posekit.sample(name))).any()


def test_image_takes_several_and_a_bad_one_does_not_cost_the_others(tmp_path, capsys):
    photo = str(posekit.sample("person"))
    assert main(["image", photo, "missing.jpg", photo, "--out", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "no file missing.jpg" in said.err
    assert "1 of 3 pictures could not be read" in said.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["person_2_pose.png", "person_pose.png"]


def test_image_as_json_is_cocos_results_format(capsys):
    assert main(["image", str(posekit.sample("person")), "--json"]) == 0
    (person,) = json.loads(capsys.readouterr().out)
    assert person["category_id"] == 1
    assert len(person["keypoints"]) == 3 * len(KEYPOINTS)
    assert person["file"].endswith("person.png")


def test_image_says_when_nobody_is_there(tmp_path, capsys):
    Image.new("RGB", (64, 48)).save(tmp_path / "black.png")
    assert main(["image", str(tmp_path / "black.png"), "--out", str(tmp_path / "out")]) == 0
    assert "nobody" in capsys.readouterr().out


def test_video_writes_a_clip_and_its_table(tmp_path, capsys):
    pytest.importorskip("av")
    clip, table = tmp_path / "out.mp4", tmp_path / "out.csv"
    assert main(["video", str(posekit.sample("walk")), str(clip), "--table", str(table)]) == 0
    assert "1 people in 120 frames" in capsys.readouterr().out
    assert len(posekit.read_video(clip)) == 120
    assert len(table.read_text().splitlines()) == 1 + 120 * 17


def test_errors_are_one_line_on_stderr_without_a_trace(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    photo = str(posekit.sample("person"))
    for arguments, message in {
        ("image", photo, "--model", "thuner"): "did you mean 'thunder'",
        ("image", photo, "--out", str(tmp_path / "file" / "below")): "cannot write",
        ("image", photo, "--model", "multipose", "--passes", "2"): "cannot make 2 passes",
        ("video", photo, str(tmp_path / "out.avi")): "must end in .mp4 or .gif",
        ("video", "missing.mp4", str(tmp_path / "out.mp4")): "no file missing.mp4",
        ("models", "path", "lightening"): "did you mean 'lightning'",
    }.items():
        assert main(arguments) == 1
        said = capsys.readouterr().err
        assert message in said
        assert "Traceback" not in said


def test_wrong_usage_is_explained(capsys):
    for arguments in ([], ["dance"], ["image"]):
        with pytest.raises(SystemExit) as ending:
            main(arguments)
        assert ending.value.code == 2
        assert "usage: posekit" in capsys.readouterr().err


def test_help_in_a_shell():
    run = subprocess.run([sys.executable, "-m", "posekit", "--help"], capture_output=True, text=True, check=True)
    for command in ("demo", "image", "video", "bench", "models", "serve"):
        assert command in run.stdout
