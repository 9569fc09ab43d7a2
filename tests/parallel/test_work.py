"""What a worker does is tested through real workers in test_run; here, what one process can show."""

import dataclasses
import errno
import os
import re
import shutil
from pathlib import Path

import pytest

import posekit
from posekit.parallel.ledger import Ledger
from posekit.parallel.results import Settings, prepare, read_about, recall
from posekit.parallel.sources import sources_behind
from posekit.parallel.work import model_sha256, obstacle, work


@pytest.fixture
def settings():
    return Settings("lightning", model_sha256("lightning"))


@pytest.fixture
def place(tmp_path):
    prepare(tmp_path / "out")
    return tmp_path / "out"


@pytest.mark.slow
def test_a_broken_source_stops_none_of_the_others(tmp_path, place, settings):
    (tmp_path / "broken.mp4").write_text("no clip")
    rows = work(list(Ledger([tmp_path / "broken.mp4", posekit.sample("person")])), place, settings)
    assert [row["state"] for row in rows] == ["failed", "done"]
    assert "broken.mp4" in rows[0]["error"]


@pytest.mark.slow
def test_a_clip_that_breaks_off_is_done_as_far_as_it_goes_and_its_row_says_so(tmp_path, place, settings):
    content = posekit.sample("walk").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[: len(content) // 4])
    (row,) = work([*sources_behind(str(tmp_path / "cut.mp4"))], place, settings)
    assert row["state"] == "done"
    assert re.search(r"breaks off: it has \d+ of the 120 frames", row["error"])
    assert read_about(place / row["result"])["row"]["error"] == row["error"], "also for a second run"


def test_a_source_that_is_gone_has_a_row_too(tmp_path, place, settings):
    (source,) = Ledger([posekit.sample("person")])
    (row,) = work([dataclasses.replace(source, address=str(tmp_path / "gone.png"))], place, settings)
    assert (row["state"], row["frames"]) == ("failed", 0)


def test_another_model_under_the_same_name_is_refused_with_both_hashes(place, settings):
    (row,) = work(list(Ledger([posekit.sample("person")])), place, dataclasses.replace(settings, model_sha256="1234"))
    assert f"its SHA-256 is {settings.model_sha256}, not 1234" in row["error"]


@pytest.mark.slow
def test_a_result_says_what_it_was_made_from(place, settings):
    (row,) = work(list(Ledger([posekit.sample("walk")])), place, settings)
    about = read_about(place / row["result"])
    truth = posekit.ground_truth("walk")
    assert about["row"] == row
    assert (about["size"], about["frames"]) == ([truth["width"], truth["height"]], len(truth["people"][0]["xy"]))
    assert about["fps"] == pytest.approx(truth["fps"])
    assert about["duration"] == pytest.approx(about["frames"] / truth["fps"], abs=0.001)
    assert about["settings"]["model"] == "lightning"
    assert about["settings"]["model_sha256"] == settings.model_sha256
    assert about["posekit"] == posekit.__version__


def test_a_target_that_a_worker_does_not_see_is_an_obstacle(tmp_path, place, settings):
    assert obstacle(place, settings) == ""
    assert "does not see the target" in obstacle(tmp_path, settings)


def test_a_full_disk_fails_the_source_in_words_and_leaves_no_half_file(place, settings, monkeypatch):
    """The write that fails is pyarrow's: a test cannot fill a disk for all users."""

    def write(table, part):
        Path(part).write_bytes(b"PAR1")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    sources = list(Ledger([posekit.sample("person")]))
    with monkeypatch.context() as patch:
        patch.setattr("pyarrow.parquet.write_table", write)
        (row,) = work(sources, place, settings)
    assert (row["state"], row["result"]) == ("failed", "")
    assert "No space left" in row["error"]
    assert list((place / "tracks").iterdir()) == []
    assert work(sources, place, settings)[0]["state"] == "done"


def test_a_source_that_changes_after_it_was_listed_is_done_again(tmp_path, place, settings):
    shutil.copy(posekit.sample("person"), tmp_path / "a.png")
    listed = Ledger([tmp_path / "a.png"])
    shutil.copy(posekit.sample("astronaut"), tmp_path / "a.png")
    work(listed, place, settings)
    changed = Ledger([tmp_path / "a.png"])
    recall(place, changed, settings, retry_failed=False)
    assert list(changed.rows(others=False)) == []
    recall(place, listed, settings, retry_failed=False)
    assert len(list(listed.rows())) == 1


def test_a_result_of_another_model_is_made_again(place, settings):
    sources = Ledger([posekit.sample("person")])
    work(list(sources), place, settings)
    other = dataclasses.replace(settings, model="thunder", model_sha256="1234")
    recall(place, sources, other, retry_failed=False)
    assert list(sources.rows(others=False)) == []
