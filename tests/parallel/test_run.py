"""With real workers: processes of a LocalCluster, which are what a user without a cluster gets."""

import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import posekit
from posekit.parallel import batch, batch_status, run, schedule, work
from posekit.parallel.ledger import COLUMNS
from posekit.parallel.results import read_about, write_manifest
from posekit.video import VideoWriter

dask = pytest.importorskip("dask", reason="needs Dask: the extra batch")
distributed = pytest.importorskip("distributed", reason="needs Dask: the extra batch")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def client():
    """A killed worker may take long to come back where the computer is busy; LocalCluster would give it up after 15 s."""
    with (
        dask.config.set({"distributed.deploy.lost-worker-timeout": "1 day"}),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", memory_limit=0) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def clips(tmp_path):
    """Four clips of two seconds, of the rendered person who walks or jumps."""
    folder = tmp_path / "clips"
    folder.mkdir()
    for name, sample in {"a": "walk", "b": "jumping_jacks", "c": "walk", "d": "jumping_jacks"}.items():
        frames = itertools.islice(posekit.read_video(posekit.sample(sample)).timed(), 24)
        with VideoWriter(folder / f"{name}.mp4") as writer:
            for time, frame in frames:
                writer.write(frame, time)
    return folder


def tables(target):
    """What the results hold, by their files' names."""
    return {file.name: pd.read_parquet(file) for file in sorted((target / "tracks").glob("[!.]*"))}


def same(a, b):
    return a.keys() == b.keys() and all(a[name].equals(b[name]) for name in a)


@pytest.fixture
def photos(tmp_path):
    """Four good pictures, and three that are broken in different ways."""
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


def test_an_interrupted_run_keeps_what_is_done_and_goes_on(client, tmp_path, monkeypatch):
    def interrupted(*arguments):
        for row in rows_of(*arguments):
            yield row
            if row is not None:
                raise KeyboardInterrupt

    rows_of, target = run.rows_of, tmp_path / "out"
    sources = [posekit.sample("person"), posekit.sample("astronaut")]
    monkeypatch.setattr(schedule, "BUNDLE", 1)
    monkeypatch.setattr(run, "rows_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        batch(sources, target, client=client, progress=False)
    rows = batch_status(target).to_dict("records")  # the other one may have been done meanwhile
    written = {row["result"]: (target / row["result"]).stat().st_mtime_ns for row in rows}
    assert written
    monkeypatch.setattr(run, "rows_of", rows_of)
    table = batch(sources, target, client=client, progress=False)
    assert table["state"].tolist() == ["done", "done"]
    assert all((target / name).stat().st_mtime_ns == moment for name, moment in written.items()), "done once"


def test_dask_holds_a_bounded_number_of_tasks(client, tmp_path, monkeypatch):
    def held(*arguments, **keywords):
        futures.append(submit(*arguments, **keywords))
        most.append(len([future for future in futures if future.status == "pending"]))
        return futures[-1]

    futures, most, submit = [], [], client.submit
    monkeypatch.setattr(client, "submit", held)
    monkeypatch.setattr(schedule, "BUNDLE", 1)
    monkeypatch.setattr(schedule, "IN_FLIGHT", 3)
    monkeypatch.setattr(schedule, "IN_FLIGHT_PER_THREAD", 1)
    for number in range(12):
        (tmp_path / f"{number}.png").write_bytes(b"no picture")
    table = batch(tmp_path, tmp_path / "out", client=client, progress=False)
    assert len(table) == len(futures) == 12
    assert max(most) <= 3


def test_sources_of_one_name_links_and_odd_names_have_results_of_their_own(client, tmp_path):
    photo, folder = posekit.sample("person"), tmp_path / "in"
    for name in ("a/x.png", "b/x.png", "100%25.png", "line\nend.png", "ü\u202e.png", "#?&.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(photo, folder / name)
    if sys.platform == "linux":  # elsewhere, names are Unicode
        shutil.copy(photo, os.fsencode(folder) + b"/caf\xe9.png")
    good = len(list(folder.rglob("*.png"))) + 1
    (folder / "link.png").symlink_to(folder / "a" / "x.png")
    (folder / "dangling.png").symlink_to(folder / "nowhere.png")
    table = batch(folder, tmp_path / "out", client=client, progress=False).set_index("source")
    assert table.loc[table["state"] == "done", "result"].nunique() == good
    assert table.index[table["state"] == "failed"].tolist() == [str(folder / "dangling.png")]
    assert len(tables(tmp_path / "out")) == good
    again = batch(folder, tmp_path / "out", client=client, progress=False)
    assert again["seconds"].tolist() == table["seconds"].tolist()


def test_two_runs_into_one_target_at_once_leave_whole_results(client, photos, tmp_path):
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(batch, photos, tmp_path / "out", client=client, progress=False) for _ in range(2)]
        assert [len(each.result(timeout=300)) for each in both] == [7, 7]
    assert batch_status(tmp_path / "out")["state"].value_counts().to_dict() == {"done": 4, "failed": 3}
    assert len(tables(tmp_path / "out")) == 4


def test_a_run_with_other_sources_keeps_the_rows_of_the_first(client, photos, tmp_path):
    """As long as their results lie there. What it returns, and what the shell's exit code goes by, are its own sources."""
    target, first = tmp_path / "out", [photos / "a.png", photos / "b.png", photos / "empty.jpg", photos / "text.png"]
    batch(first, target, client=client, progress=False)
    table = batch([photos / "c.png", photos / "cut.png"], target, client=client, progress=False)
    assert names(table) == ["c.png", "cut.png"]
    assert names(batch_status(target)) == ["c.png", "cut.png", "a.png", "b.png", "empty.jpg", "text.png"]
    (target / batch_status(target)["result"][2]).unlink()
    (photos / "text.png").unlink()
    batch(photos / "c.png", target, client=client, progress=False)
    assert names(batch_status(target)) == ["c.png", "b.png", "cut.png", "empty.jpg"]
    again = batch(photos, target, client=client, progress=False)
    assert batch_status(target).equals(again)
    assert names(again) == ["a.png", "b.png", "c.png", "cut.png", "d.png", "empty.jpg"]


def names(table):
    return table["source"].str.rpartition("/")[2].tolist()


def test_two_runs_with_different_sources_into_one_target_at_once_forget_none(client, photos, tmp_path, monkeypatch):
    """Even when both write the manifest after each row."""
    monkeypatch.setattr(run, "MANIFEST_EVERY", 0.0)
    monkeypatch.setattr(run, "MANIFEST_SHARE", 0.0)
    monkeypatch.setattr(schedule, "BUNDLE", 1)
    subsets = [sorted(photos.iterdir())[start::2] for start in range(2)]
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(batch, each, tmp_path / "out", client=client, progress=False) for each in subsets]
        assert [names(each.result(timeout=300)) for each in both] == [[file.name for file in each] for each in subsets]
    assert sorted(names(batch_status(tmp_path / "out"))) == sorted(file.name for file in photos.iterdir())


def test_a_model_that_is_not_there_is_an_error_before_any_work(client, photos, tmp_path):
    with pytest.raises(posekit.UnknownModelError, match=r"missing\.tflite"):
        batch(photos, tmp_path / "out", model="missing.tflite", client=client)


def test_workers_with_another_posekit_are_refused_with_both_versions(client, photos, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "_VERSION", "0.0.9")
    with pytest.raises(posekit.PosekitError, match=r"here is posekit 0\.0\.9, on the cluster posekit"):
        batch(photos, tmp_path / "out", client=client)


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("not 0", {"workers": 0}),
        ("not -1", {"workers": -1}),
        ("a cluster has its own workers", {"workers": 1, "client": "a client"}),
        ("an empty one", {"sources": ""}),
        ("an empty one", {"target": ""}),
        ("did you mean 'lightning'", {"model": "lightnin"}),
    ],
)
def test_what_would_silently_mean_something_else_is_refused(photos, tmp_path, monkeypatch, words, wrong):
    """An empty name would be the current folder, and no workers as many as there are cores."""
    monkeypatch.chdir(photos)
    with pytest.raises(posekit.PosekitError, match=words):
        batch(**{"sources": photos, "target": tmp_path / "out", "progress": False} | wrong)
    assert not (tmp_path / "out").exists()
    assert len(list(photos.iterdir())) == 7


@pytest.mark.skipif(sys.platform == "win32", reason="signals to groups of processes")
@pytest.mark.parametrize(
    ("name", "send"), [("SIGINT", os.killpg), ("SIGTERM", os.kill), ("SIGHUP", os.kill)] if sys.platform != "win32" else []
)
def test_signals_end_the_run_without_a_word_of_its_workers(clips, tmp_path, name, send):
    """A terminal sends Ctrl-C to all processes in the group, including the workers; the others go to one."""
    command = [sys.executable, "-m", "posekit", "batch", clips, "--out", tmp_path / "out", "--workers", "1"]
    with subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        wait_for(lambda: list((tmp_path / "out").glob("tracks/[!.]*")))
        send(process.pid, getattr(signal, name))
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert not re.search("Traceback|WARNING|Error|leaked", said), said
    status = batch_status(tmp_path / "out")
    assert 0 < len(status) == len(tables(tmp_path / "out"))
    assert f"stopped with {len(status)} done in {tmp_path / 'out'}; the same command continues" in said


def test_without_a_client_this_machine_does_it(photos, tmp_path):
    table = batch(photos, tmp_path / "out", workers=1, progress=False)
    assert (table["state"] == "done").sum() == 4


def test_a_program_without_a_guard_is_not_run_again_by_its_workers(tmp_path):
    """Also where it has an exercise of its own, which workers then have from the program that runs."""
    (tmp_path / "program.py").write_text(
        textwrap.dedent("""
        import dataclasses, sys, posekit
        with open(sys.argv[2] + ".log", "a") as log:
            log.write("run\\n")
        jack = posekit.EXERCISES["jumping_jack"]
        exercise = dataclasses.replace(jack, name="own", signal=lambda body, side: jack.signal(body, side))
        table = posekit.batch(sys.argv[1], sys.argv[2], workers=1, exercise=exercise, progress=False)
        assert table["state"].tolist() == ["done"], table["error"].tolist()
        """)
    )
    command = [sys.executable, tmp_path / "program.py", posekit.sample("jumping_jacks"), tmp_path / "out"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "out.log").read_text() == "run\n"


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


def test_an_exercise_of_ones_own_is_counted_and_known_again_by_its_numbers(client, tmp_path):
    """Its functions are lambdas, which only cloudpickle can send to a worker."""

    def dip(full):
        return posekit.Exercise("dip", lambda body, side: body.height("shoulder", above="ankle", per="leg"), rest=1.6, full=full)

    counts, made = [], []
    for full in (1.0, 1.0, -9.0):
        table = batch(posekit.sample("fast_squats"), tmp_path / "out", client=client, exercise=dip(full), progress=False)
        assert table["error"].tolist() == [""]
        (counted,) = (tmp_path / "out" / "repetitions").iterdir()
        counts.append(len(pd.read_parquet(counted)))
        made.append(counted.stat().st_mtime_ns)
        assert read_about(counted)["exercise"] == "dip"
    assert counts == [posekit.ground_truth("fast_squats")["people"][0]["repetitions"]["count"]] * 2 + [0]
    assert made[0] == made[1] < made[2]


def test_serial_local_and_dask_results_are_equal_row_by_row(client, clips, tmp_path):
    model = posekit.load_model("lightning", threads=1)
    batch(clips, tmp_path / "local", workers=2, progress=False)
    batch(clips, tmp_path / "dask", client=client, progress=False)
    local = tables(tmp_path / "local")
    assert same(local, tables(tmp_path / "dask"))
    for file, (name, table) in zip(sorted(clips.iterdir()), local.items(), strict=True):
        serial = posekit.track_video(file, model=model, progress=False)
        assert name.startswith(file.stem)
        assert table.drop(columns="source").equals(serial)


def test_a_worker_that_is_killed_in_the_middle_costs_nothing(client, clips, tmp_path):
    """The first answer that comes shows that both workers are at work; then one of them is killed."""
    batch(clips, tmp_path / "quiet", client=client, progress=False)

    def kill():
        wait_for(lambda: tables(target))
        os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)

    target = tmp_path / "out"
    (target / "tracks").mkdir(parents=True)
    write_manifest(target, [])
    killer = threading.Thread(target=kill)
    killer.start()
    table = batch(clips, target, client=client, progress=False)
    killer.join(60)
    assert (table["state"] == "done").all(), table["error"].tolist()
    assert same(tables(target), tables(tmp_path / "quiet"))
    client.wait_for_workers(2, timeout=60)


def test_a_worker_that_died_just_before_the_run_is_no_obstacle(client, clips, tmp_path):
    client.wait_for_workers(2, timeout=60)
    os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
    table = batch(clips, tmp_path / "out", client=client, progress=False)
    assert (table["state"] == "done").all(), table["error"].tolist()
    client.wait_for_workers(2, timeout=60)


def test_a_run_that_is_killed_goes_on_where_it_stopped(client, clips, tmp_path):
    target = tmp_path / "out"
    code = """
        import sys, posekit
        if __name__ == "__main__":
            posekit.batch(sys.argv[1], sys.argv[2], workers=1, progress=False)
        """
    (tmp_path / "run.py").write_text(textwrap.dedent(code))
    with subprocess.Popen([sys.executable, tmp_path / "run.py", clips, target], start_new_session=True) as process:
        wait_for(lambda: (target / "tracks").is_dir() and tables(target))
        os.killpg(process.pid, signal.SIGKILL)
    before = {file.name: file.stat().st_mtime_ns for file in (target / "tracks").glob("[!.]*")}
    table = batch(clips, target, client=client, progress=False)
    assert (table["state"] == "done").all(), table["error"].tolist()
    assert before.items() <= {file.name: file.stat().st_mtime_ns for file in (target / "tracks").iterdir()}.items(), "done once"
    assert len(tables(target)) == 4, "and nothing half done is left"
    batch(clips, tmp_path / "quiet", client=client, progress=False)
    assert same(tables(target), tables(tmp_path / "quiet"))


def wait_for(condition):
    """Waits for another process to do something, even if the computer is busy."""
    deadline = time.monotonic() + 240
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_is_broken_in_ten_ways_is_named_and_the_rest_is_done(client, tmp_path):
    good, photo, clip = tmp_path / "good.png", posekit.sample("person").read_bytes(), posekit.sample("walk").read_bytes()
    good.write_bytes(photo)
    broken = {
        "empty.jpg": b"",
        "empty.mp4": b"",
        "text.png": b"no picture",
        "text.mov": b"no clip",
        "cut.png": photo[:5000],
        "head.mp4": clip[:200],
        "zeros.jpg": bytes(5000),
        "noise.mkv": bytes(range(256)) * 20,
        "sound.mp4": b"RIFF" + bytes(4) + b"WAVE" + bytes(100),
        "page.gif": b"<html><body>404 Not Found</body></html>",
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
    table = batch([good, *(tmp_path / name for name in broken)], tmp_path / "out", client=client, progress=False)
    assert table["state"].tolist() == ["done"] + ["failed"] * 10
    assert (table["error"][1:].str.len() > 10).all()
    assert all(name in error for name, error in zip(broken, table["error"][1:], strict=True))


def test_a_long_clip_is_shared_by_the_workers(tmp_path, monkeypatch):
    """The limit is set in the workers, which are other processes."""
    batch(posekit.sample("walk"), tmp_path / "whole", workers=1, progress=False)
    real = work.work

    def cutting(sources, place, settings):
        from posekit.parallel import pieces

        pieces.PIECE = 60
        return real(sources, place, settings)

    monkeypatch.setattr(schedule, "work", cutting)
    table = batch(posekit.sample("walk"), tmp_path / "pieces", workers=2, progress=False)
    (row,) = table.to_dict("records")
    (whole,) = tables(tmp_path / "whole").values()
    (found,) = tables(tmp_path / "pieces").values()
    assert len(read_about(tmp_path / "pieces" / row["result"])["cuts"]) == 1
    assert found["id"].tolist() == whole["id"].tolist()
    assert np.abs(found[["x", "y"]] - whole[["x", "y"]]).to_numpy().max() < 0.5


def test_a_scheduler_that_goes_away_fails_no_source_and_the_next_run_completes(client, photos, tmp_path, monkeypatch):
    def gone(other, *arguments):
        for row in rows_of(other, *arguments):
            yield row
            if row is not None and scheduler.poll() is None:
                scheduler.kill()
                scheduler.wait(60)

    rows_of, target, file = run.rows_of, tmp_path / "out", tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard"]
    monkeypatch.setattr(schedule, "BUNDLE", 1)
    monkeypatch.setattr(schedule, "WAIT_FOR_WORKERS", 5.0)
    with subprocess.Popen([*dask, "--scheduler-file", file], **quiet) as scheduler:
        wait_for(file.exists)
        dask = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", file, "--nthreads", "1", "--no-nanny"]
        with (
            subprocess.Popen([*dask, "--death-timeout", "60"], **quiet) as worker,
            distributed.Client(scheduler_file=str(file)) as other,
        ):
            other.wait_for_workers(1, timeout=60)
            monkeypatch.setattr(run, "rows_of", gone)
            with pytest.raises(posekit.PosekitError, match="what was done is kept"):
                batch(photos, target, client=other, progress=False)
            worker.kill()
    assert len(batch_status(target)) < 7
    monkeypatch.setattr(run, "rows_of", rows_of)
    table = batch(photos, target, client=client, progress=False)
    assert table["state"].value_counts().to_dict() == {"done": 4, "failed": 3}
    assert not table["error"].str.contains("ancelled").any()


def test_a_cluster_that_stays_without_workers_ends_the_run_in_words(clips, tmp_path, monkeypatch):
    monkeypatch.setattr(schedule, "WAIT_FOR_WORKERS", 1.0)
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0", memory_limit=0) as cluster,
        distributed.Client(cluster) as client,
    ):
        monkeypatch.setattr(run, "_check_workers", lambda *_: cluster.scale(0))
        with pytest.raises(posekit.PosekitError, match="has had no worker for 1 s; what was done is kept"):
            batch(clips, tmp_path / "out", client=client, progress=False)
    assert list(batch_status(tmp_path / "out")) == list(COLUMNS)
