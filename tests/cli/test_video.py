import pytest

import posekit
from posekit.cli import main
from posekit.video import VideoWriter

pytest.importorskip("av")

WALK = str(posekit.sample("walk"))


@pytest.mark.slow
def test_video_writes_a_clip_and_its_table(tmp_path, capsys):
    clip, table = tmp_path / "out.mp4", tmp_path / "out.csv"
    assert main(["video", WALK, str(clip), "--table", str(table)]) == 0
    assert "1 person in 120 frames" in capsys.readouterr().out
    assert len(posekit.read_video(clip)) == 120
    assert len(table.read_text().splitlines()) == 1 + 120 * 17


@pytest.fixture
def short(tmp_path):
    """A clip of five frames."""
    with VideoWriter(tmp_path / "short.mp4") as writer:
        for number, frame in zip(range(5), posekit.read_video(WALK), strict=False):
            writer.write(frame, number / 30)
    return str(tmp_path / "short.mp4")


@pytest.mark.slow
def test_several_clips_go_into_a_folder_and_a_bad_one_does_not_stop_them(short, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["video", short, "missing.mp4", short, "--out", str(out), "--table", "csv"]) == 1
    said = capsys.readouterr()
    assert "no file missing.mp4" in said.err
    assert "1 of 3 clips failed" in said.err
    assert "in 5 frames" in said.out
    assert {path.name for path in out.iterdir()} == {
        f"short{number}_pose.{suffix}" for number in ("", "_2") for suffix in ("mp4", "csv")
    }


@pytest.mark.slow
def test_a_clip_that_is_there_already_is_replaced_only_when_asked(short, tmp_path, capsys):
    for target, arguments in {
        tmp_path / "out.mp4": [str(tmp_path / "out.mp4")],
        tmp_path / "out" / "short_pose.mp4": ["--out", str(tmp_path / "out")],
    }.items():
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(b"mine")
        assert main(["video", short, *arguments]) == 1
        assert "already exists" in capsys.readouterr().err
        assert target.read_bytes() == b"mine"
        assert main(["video", short, *arguments, "--overwrite"]) == 0
        assert len(posekit.read_video(target)) == 5


def test_a_table_that_is_there_already_is_kept(short, tmp_path, capsys):
    table = tmp_path / "mine.csv"
    table.write_text("mine")
    assert main(["video", short, str(tmp_path / "out.mp4"), "--table", str(table)]) == 1
    assert "mine.csv already exists; replace it with --overwrite" in capsys.readouterr().err
    assert table.read_text() == "mine"


@pytest.mark.slow
def test_options_may_stand_between_the_clip_and_its_target(short, tmp_path):
    clip, table = tmp_path / "out.mp4", tmp_path / "out.csv"
    assert main(["video", short, "--table", str(table), str(clip)]) == 0
    assert clip.exists()
    assert table.exists()


def test_a_misspelt_option_between_them_is_wrong_usage(short, tmp_path, capsys):
    with pytest.raises(SystemExit) as ending:
        main(["video", short, "--tabel", "out.csv", str(tmp_path / "out.mp4")])
    assert ending.value.code == 2
    assert "--tabel" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["a.mp4"], ["a.mp4", "b.mp4", "c.mp4"], ["a.mp4", "--out", "x", "--table", "tracks.csv"]])
def test_wrong_numbers_of_clips_and_tables_are_wrong_usage(arguments, capsys):
    with pytest.raises(SystemExit) as ending:
        main(["video", *arguments])
    assert ending.value.code == 2
    assert "--out FOLDER" in capsys.readouterr().err
