import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

import posekit
from posekit.cli import main
from posekit.pose.skeleton import KEYPOINTS

PERSON = posekit.sample("person")


def test_image_takes_several_and_a_bad_one_does_not_cost_the_others(tmp_path, capsys):
    photo = str(PERSON)
    assert main(["image", photo, "missing.jpg", photo, "--out", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "no file missing.jpg" in said.err
    assert "1 of 3 pictures failed" in said.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["person_2_pose.png", "person_pose.png"]


def test_image_as_json_is_cocos_results_format(capsys):
    assert main(["image", str(PERSON), "--json"]) == 0
    (person,) = json.loads(capsys.readouterr().out)
    assert person["category_id"] == 1
    assert len(person["keypoints"]) == 3 * len(KEYPOINTS)
    assert person["file"].endswith("person.png")


def test_image_says_when_nobody_is_there(tmp_path, capsys):
    Image.new("RGB", (64, 48)).save(tmp_path / "black.png")
    assert main(["image", str(tmp_path / "black.png"), "--out", str(tmp_path / "out")]) == 0
    assert "nobody" in capsys.readouterr().out


@pytest.fixture
def folder(tmp_path):
    """Pictures whose natural order is not the alphabetical one, a broken picture, and a file that is not a picture."""
    folder = tmp_path / "photos [1] 100%"
    folder.mkdir()
    for name in ("b10.PNG", "b9.png", "ü\n1.png"):
        shutil.copy(PERSON, folder / name)
    (folder / "a.jpg").write_bytes(b"broken")
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.png").write_bytes(b"")
    (folder / "below.png").mkdir()
    return folder


def test_a_folder_is_done_in_natural_order_and_a_broken_picture_is_reported(folder, tmp_path, capsys):
    assert main(["image", str(folder), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr()
    lines = [line for line in said.out.splitlines() if "1 person" in line]
    assert [line.partition(":")[0] for line in lines[:2]] == ["b9", "b10"]
    assert len(lines) == 3
    assert "left_ankle" not in said.out, "a line for each, no tables"
    assert "a.jpg is not a picture" in said.err
    assert "1 of 4 pictures failed" in said.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["b10_pose.png", "b9_pose.png", "ü\n1_pose.png"]


def test_json_is_alone_on_stdout_and_progress_on_stderr(folder, capsys):
    assert main(["image", str(folder), "--json"]) == 1
    said = capsys.readouterr()
    assert [Path(each["file"]).name for each in json.loads(said.out)] == ["b9.png", "b10.PNG", "ü\n1.png"]
    assert "4 pictures" in said.err


def test_json_keeps_what_was_found_before_ctrl_c(monkeypatch, capsys):
    read, number = posekit.read_image, iter((1, 2))

    def second_is_interrupted(picture):
        if next(number) == 2:
            raise KeyboardInterrupt
        return read(picture)

    monkeypatch.setattr("posekit.cli.image.read_image", second_is_interrupted)
    assert main(["image", str(PERSON), str(PERSON), "--json"]) == 130
    assert len(json.loads(capsys.readouterr().out)) == 1


def test_a_folder_without_pictures_is_reported_and_the_others_are_done(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["image", str(tmp_path / "empty"), str(PERSON), "--out", str(tmp_path / "out")]) == 1
    assert "no pictures in the folder" in capsys.readouterr().err
    assert (tmp_path / "out" / "person_pose.png").is_file()


def test_pictures_of_one_name_from_two_folders_are_all_kept(tmp_path):
    sources = []
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        sources.append(str(shutil.copy(PERSON, tmp_path / str(number) / "me.png")))
    shutil.copy(PERSON, tmp_path / "me_2.png")
    assert main(["image", *sources, str(tmp_path / "me_2.png"), "--out", str(tmp_path / "out")]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"me_pose.png", "me_2_pose.png", "me_2_2_pose.png"}


def test_a_file_that_is_there_already_is_replaced_only_when_asked(tmp_path, capsys):
    old = tmp_path / "person_pose.png"
    old.write_bytes(b"mine")
    assert main(["image", str(PERSON), "--out", str(tmp_path)]) == 1
    assert "already exists; replace it with --overwrite" in capsys.readouterr().err
    assert old.read_bytes() == b"mine"
    assert main(["image", str(PERSON), "--out", str(tmp_path), "--overwrite"]) == 0
    with Image.open(old) as picture:
        assert picture.size == (640, 480)


def test_a_name_as_long_as_file_systems_allow(tmp_path):
    long = tmp_path / f"{'ö' * 124}.png"  # 252 bytes
    shutil.copy(PERSON, long)
    assert main(["image", str(long), "--out", str(tmp_path / "out")]) == 0
    (made,) = (tmp_path / "out").iterdir()
    assert made.name.startswith("ööö")
    assert made.name.endswith("ö_pose.png")


def test_names_that_no_file_can_have_do_not_stop_the_others(tmp_path, capsys):
    assert main(["image", "", "a" * 5000, str(PERSON), "--out", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert ". is a folder" in said
    assert "File name too long" in said
    assert "2 of 3 pictures failed" in said
    assert (tmp_path / "person_pose.png").is_file()
