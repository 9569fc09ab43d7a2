import shutil

import pytest

import posekit
from posekit.cli import batch, main

pytest.importorskip("distributed", reason="needs Dask: the extra batch")


def test_it_needs_sources_and_a_target(capsys):
    assert main(["batch"]) == 1
    assert "--out" in capsys.readouterr().err


def test_without_an_earlier_run_there_is_no_status(tmp_path, capsys):
    assert main(["batch", "--status", str(tmp_path)]) == 1
    assert "no manifest.csv" in capsys.readouterr().err


def test_a_scheduler_that_does_not_answer_is_an_error_in_words(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(batch, "CONNECT_TIMEOUT", 0.5)
    assert main(["batch", str(posekit.sample("person")), "--out", str(tmp_path / "out"), "--cluster", "tcp://127.0.0.1:9"]) == 1
    assert "no Dask scheduler at tcp://127.0.0.1:9" in capsys.readouterr().err


@pytest.mark.slow
def test_a_folder_is_done_and_what_failed_is_named(tmp_path, capsys):
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copy(posekit.sample("person"), photos)
    (photos / "empty.jpg").touch()
    assert main(["batch", str(photos), "--out", str(tmp_path / "out"), "--workers", "1"]) == 1
    out, err = capsys.readouterr()
    assert f"failed: {photos / 'empty.jpg'}: " in out
    assert "1 of 2 done, 1 frames" in out
    assert "1 of 2 failed" in err
    capsys.readouterr()
    assert main(["batch", str(posekit.sample("astronaut")), "--out", str(tmp_path / "out"), "--workers", "1"]) == 0
    assert "1 of 1 done, 1 frames; with other runs, 2 of 3 done, 2 frames" in capsys.readouterr().out
    assert main(["batch", "--status", str(tmp_path / "out")]) == 0
    out = capsys.readouterr().out
    assert f"failed: {photos / 'empty.jpg'}: " in out
    assert "2 of 3 done, 2 frames" in out
