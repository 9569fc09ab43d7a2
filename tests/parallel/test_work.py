"""What a worker does is tested through real workers in test_run; here, what one process can show."""

import dataclasses

import pytest

import posekit
from posekit.parallel.results import Settings, prepare, read_about
from posekit.parallel.sources import find_sources
from posekit.parallel.work import model_sha256, obstacle, work


@pytest.fixture
def settings():
    return Settings("lightning", model_sha256("lightning"))


@pytest.fixture
def place(tmp_path):
    prepare(tmp_path / "out")
    return tmp_path / "out"


def test_a_broken_source_stops_none_of_the_others(tmp_path, place, settings):
    (tmp_path / "broken.mp4").write_text("no clip")
    rows = work(find_sources([tmp_path / "broken.mp4", posekit.sample("person")]), place, settings)
    assert [row["state"] for row in rows] == ["failed", "done"]
    assert "broken.mp4" in rows[0]["error"]


def test_a_source_that_is_gone_has_a_row_too(tmp_path, place, settings):
    (source,) = find_sources([posekit.sample("person")])
    (row,) = work([dataclasses.replace(source, address=str(tmp_path / "gone.png"))], place, settings)
    assert (row["state"], row["frames"]) == ("failed", 0)


def test_another_model_under_the_same_name_is_refused_with_both_hashes(place, settings):
    (row,) = work(find_sources([posekit.sample("person")]), place, dataclasses.replace(settings, model_sha256="1234"))
    assert f"its SHA-256 is {settings.model_sha256}, not 1234" in row["error"]


def test_a_result_says_what_it_was_made_from(place, settings):
    (row,) = work(find_sources([posekit.sample("walk")]), place, settings)
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
