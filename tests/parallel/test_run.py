"""With real workers: processes of a LocalCluster, which are what a user without a cluster gets."""

import os
import shutil
import signal

import numpy as np
import pandas as pd
import pytest

import posekit
from posekit.parallel import batch, batch_status, run, schedule

distributed = pytest.importorskip("distributed", reason="needs Dask: the extra batch")


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", memory_limit=0) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def photos(tmp_path):
    """Four good pictures, and three that are broken in ways of their own."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a", "b", "c", "d"):
        shutil.copy(posekit.sample("person"), folder / f"{name}.png")
    (folder / "empty.jpg").touch()
    (folder / "text.png").write_text("no picture")
    (folder / "cut.png").write_bytes(posekit.sample("person").read_bytes()[:5000])
    return folder


def test_each_picture_has_its_file_and_each_broken_one_its_reason(client, photos, tmp_path, lightning, person):
    table = batch(photos, tmp_path / "out", client=client, progress=False)
    assert table["state"].tolist() == ["done"] * 3 + ["failed"] + ["done"] + ["failed"] * 2
    reasons = table[table["state"] == "failed"].set_index(table["source"].str.rpartition("/")[2][table["state"] == "failed"])[
        "error"
    ]
    assert "0 bytes" in reasons["empty.jpg"]
    assert "not a picture" in reasons["text.png"]
    assert "damaged" in reasons["cut.png"]
    rows = pd.read_parquet(tmp_path / "out" / "tracks")  # one data set
    assert rows["source"].nunique() == 4
    expected = lightning(person).xy[0]
    for _, one in rows.groupby("source", observed=True):
        assert np.allclose(one[["x", "y"]].to_numpy(), expected, atol=0.5)


def test_a_second_run_does_only_what_is_missing_or_changed(client, photos, tmp_path):
    target = tmp_path / "out"
    first = batch(photos, target, client=client, progress=False)
    results = {file: file.stat().st_mtime_ns for file in (target / "tracks").iterdir()}
    again = batch(photos, target, client=client, progress=False)
    assert again.equals(first) or again.astype(str).equals(first.astype(str))
    assert results == {file: file.stat().st_mtime_ns for file in (target / "tracks").iterdir()}
    shutil.copy(posekit.sample("astronaut"), photos / "a.png")
    shutil.copy(posekit.sample("person"), photos / "text.png")
    third = batch(photos, target, client=client, progress=False)
    changed = {file for file in (target / "tracks").iterdir() if file.stat().st_mtime_ns != results.get(file)}
    assert {file.name.partition("-")[0] for file in changed} == {"a", "text"}
    assert (third["state"] == "failed").sum() == 2


def test_what_failed_is_tried_again_only_when_asked(client, photos, tmp_path):
    target = tmp_path / "out"
    seconds = batch(photos, target, client=client, progress=False).set_index("source")["worker"]
    assert (seconds[batch(photos, target, client=client, progress=False)["source"]] == seconds).all()
    again = batch(photos, target, client=client, retry_failed=True, progress=False)
    assert (again["state"] == "failed").sum() == 3


def test_the_manifest_can_be_read_by_itself(client, photos, tmp_path):
    table = batch(photos, tmp_path / "out", client=client, progress=False)
    assert batch_status(tmp_path / "out").astype(str).equals(table.astype(str))
    with pytest.raises(posekit.PosekitError, match=r"no manifest\.csv"):
        batch_status(photos)


@pytest.mark.slow
def test_a_source_that_kills_every_worker_is_set_aside_and_named(photos, tmp_path, monkeypatch):
    def deadly(sources, place, settings):  # pickled by value, as functions of tests are
        from posekit.parallel.work import work

        rows = work([source for source in sources if "b.png" not in source.address], place, settings)
        if len(rows) < len(sources):
            os.kill(os.getpid(), signal.SIGKILL)
        return rows

    monkeypatch.setattr(schedule, "work", deadly)
    table = batch(photos, tmp_path / "out", workers=2, progress=False).set_index("source")
    assert "every worker that tried it died" in table.loc[str(photos / "b.png"), "error"]
    assert (table["state"] == "done").sum() == 3


def test_a_target_that_holds_something_else_is_refused(client, photos):
    with pytest.raises(posekit.PosekitError, match="holds other files"):
        batch(photos, photos, client=client)


def test_a_model_that_is_not_there_is_an_error_before_any_work(client, photos, tmp_path):
    with pytest.raises(posekit.UnknownModelError, match=r"missing\.tflite"):
        batch(photos, tmp_path / "out", model="missing.tflite", client=client)


def test_workers_with_another_posekit_are_refused_with_both_versions(client, photos, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "_VERSION", "0.0.9")
    with pytest.raises(posekit.PosekitError, match=r"here is posekit 0\.0\.9, on the cluster posekit"):
        batch(photos, tmp_path / "out", client=client)


@pytest.mark.slow
def test_without_a_client_this_machine_does_it(photos, tmp_path):
    table = batch(photos, tmp_path / "out", workers=1, progress=False)
    assert (table["state"] == "done").sum() == 4


def test_a_clip_gives_the_tracks_that_it_gives_by_itself(client, tmp_path, lightning):
    table = batch(posekit.sample("squats"), tmp_path / "out", client=client, exercise="squat", annotated=True, progress=False)
    (row,) = table.to_dict("records")
    rows = pd.read_parquet(tmp_path / "out" / row["result"])
    expected = posekit.track_video(posekit.sample("squats"), model=lightning, progress=False)
    assert np.allclose(rows[["x", "y", "score"]], expected[["x", "y", "score"]], atol=0.01)
    assert rows["id"].tolist() == expected["id"].tolist()
    assert row["frames"] == expected.attrs["frames"]
    (counted,) = (tmp_path / "out" / "repetitions").iterdir()
    assert len(pd.read_parquet(counted)) == posekit.ground_truth("squats")["people"][0]["repetitions"]["count"]
    (clip,) = (tmp_path / "out" / "clips").iterdir()
    assert len(posekit.read_video(clip)) == row["frames"]
