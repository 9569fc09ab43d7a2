import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas
import pytest
from PIL import Image

import posekit
from posekit import VideoError, annotate_video, read_video
from posekit.video.writer import VideoWriter


@pytest.fixture
def clip(tmp_path, person):
    """Twelve frames of the rendered person, who moves 4 pixels a frame."""
    path = tmp_path / "clip.mp4"
    with VideoWriter(path, 25) as writer:
        for i in range(12):
            writer.write(np.roll(person, 4 * i, axis=1), i / 25)
    return path


@pytest.mark.slow
def test_annotating_draws_the_pose_and_gives_the_table(clip, tmp_path, lightning, person_xy):
    tracks = annotate_video(clip, tmp_path / "out.mp4", model=lightning, table=tmp_path / "out.csv", progress=False)
    assert tracks["id"].unique().tolist() == [1]
    assert len(tracks) == 12 * 17
    nose = tracks[tracks["keypoint"] == "nose"]
    assert np.abs(nose["x"].to_numpy() - (person_xy[0, 0] + 4 * np.arange(12))).mean() < 6
    assert nose["time"].to_numpy() == pytest.approx(np.arange(12) / 25)
    before, after = list(read_video(clip)), list(read_video(tmp_path / "out.mp4"))
    assert len(after) == 12
    x, y = ((person_xy[12] + person_xy[14]) / 2).astype(int)  # the middle of the right thigh
    assert np.abs(after[0].astype(int) - before[0])[y - 8 : y + 8, x - 12 : x + 12].max() > 80
    assert np.abs(after[0].astype(int) - before[0])[:20].mean() < 3, "elsewhere it stays as it was"
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 1 + 12 * 17


@pytest.mark.slow
def test_annotating_to_a_gif_and_with_several_people(clip, tmp_path):
    tracks = annotate_video(clip, tmp_path / "out.gif", model="multipose", progress=False)
    assert tracks["id"].nunique() == 1
    assert len(read_video(tmp_path / "out.gif")) == 12


def test_nothing_is_left_where_the_target_cannot_be_written(clip, tmp_path):
    for target, message in {"out.mov": "must end in", "missing/out.mp4": "no folder"}.items():
        with pytest.raises(VideoError, match=message):
            annotate_video(clip, tmp_path / target, progress=False)
    with pytest.raises(posekit.UnknownModelError, match="lightning"):
        annotate_video(clip, tmp_path / "out.mp4", model="lightening", progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


@pytest.mark.slow
def test_ctrl_c_leaves_a_clip_that_plays_and_says_so(tmp_path):
    target = tmp_path / "out.mp4"
    command = [sys.executable, "-m", "posekit", "video", str(posekit.sample("squats")), str(target), "--model", "thunder"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not any(part.stat().st_size for part in tmp_path.glob(".*.part.mp4")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    kept = sum(1 for _ in read_video(target))
    assert f"holds the first {kept} of 228 frames" in said
    assert 0 < kept < 228
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


@pytest.mark.slow
def test_the_table_goes_on_over_its_chunks(clip, tmp_path, lightning, monkeypatch):
    whole = annotate_video(clip, tmp_path / "out.mp4", model=lightning, progress=False)
    monkeypatch.setattr("posekit.video.annotate._CHUNK", 5)
    parts = annotate_video(clip, tmp_path / "out.mp4", model=lightning, overwrite=True, progress=False)
    assert parts.equals(whole)
    assert parts["frame"].unique().tolist() == list(range(12))


def test_what_exists_is_not_overwritten_unasked(clip, tmp_path, lightning):
    (tmp_path / "out.mp4").write_bytes(b"mine")
    (tmp_path / "tracks.csv").write_bytes(b"mine")
    for target, table in {"out.mp4": "new.csv", "new.mp4": "tracks.csv"}.items():
        with pytest.raises(VideoError, match=r"exists already.*overwrite=True"):
            annotate_video(clip, tmp_path / target, model=lightning, table=tmp_path / table, progress=False)
    assert {path.name for path in tmp_path.iterdir()} == {"clip.mp4", "out.mp4", "tracks.csv"}
    annotate_video(clip, tmp_path / "out.mp4", model=lightning, table=tmp_path / "tracks.csv", overwrite=True, progress=False)
    assert len(read_video(tmp_path / "out.mp4")) == 12


@pytest.mark.parametrize("link", ["itself", "link", "hard link"])
def test_the_source_is_never_the_target(clip, tmp_path, lightning, link):
    target = clip if link == "itself" else tmp_path / "other.mp4"
    if link == "link":
        target.symlink_to(clip)
    elif link == "hard link":
        target.hardlink_to(clip)
    content = clip.read_bytes()
    with pytest.raises(VideoError, match="is the source itself"):
        annotate_video(clip, target, model=lightning, overwrite=True, progress=False)
    assert clip.read_bytes() == content


def test_what_can_be_checked_is_checked_before_the_work(clip, tmp_path, monkeypatch):
    monkeypatch.setattr("posekit.video.annotate.load_model", lambda *_, **__: pytest.fail("too late"))
    (tmp_path / "folder.mp4").mkdir()
    long = "x" * 300
    for options, message in {
        ("out.mp4", "out.xlsx"): r"\.csv, \.parquet or \.json",
        ("out.mp4", "missing/out.csv"): "no folder",
        ("folder.mp4", None): "is a folder|exists already",
        (f"{long}.mp4", None): "File name too long",
        ("~nobody/out.mp4", None): "no folder",
    }.items():
        target, table = options
        with pytest.raises(posekit.PosekitError, match=message):
            annotate_video(clip, tmp_path / target, table=table and tmp_path / table, progress=False)
    monkeypatch.setattr("posekit.video.annotate.shutil.disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(VideoError, match=r"the disk has 0\.0 MB left"):
        annotate_video(clip, tmp_path / "out.mp4", progress=False)
    assert {path.name for path in tmp_path.iterdir()} == {"clip.mp4", "folder.mp4"}


@pytest.fixture
def as_nobody(clip):
    """A folder with the clip, used with the permissions of an ordinary user: root drops its own for the test."""
    if os.name == "nt":
        pytest.skip("folders on Windows have no such rights")
    with tempfile.TemporaryDirectory() as place:  # pytest's own folders are closed to others
        folder = Path(place)
        folder.chmod(0o755)
        shutil.copy(clip, folder / "clip.mp4")
        (folder / "closed").mkdir(mode=0o555)
        (folder / "open").mkdir()
        (folder / "open").chmod(0o777)
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if is_root:
                os.seteuid(0)


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["clip", "table"])
def test_a_folder_that_cannot_be_written_to_is_named_at_once(as_nobody, lightning, monkeypatch, closed):
    def targets(folder):
        places = {"clip": "open", "table": "open"} | {closed: folder}
        return as_nobody / places["clip"] / "out.mp4", as_nobody / places["table"] / "out.csv"

    monkeypatch.setattr("posekit.video.annotate.load_model", lambda *_, **__: pytest.fail("too late"))
    target, table = targets("closed")
    with pytest.raises(posekit.PosekitError, match=r"cannot write .*closed.*: Permission denied"):
        annotate_video(as_nobody / "clip.mp4", target, table=table, progress=False)
    assert not list((as_nobody / "open").iterdir())
    target, table = targets("open")
    annotate_video(as_nobody / "clip.mp4", target, table=table, model=lightning, progress=False)
    assert len(read_video(target)) == 12


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 5), (2, 2)])
@pytest.mark.parametrize("ending", ["mp4", "gif"])
def test_tiny_clips_are_written_too(tmp_path, lightning, size, ending):
    (tmp_path / "frames").mkdir()
    for number in range(3):
        Image.new("RGB", size, (9, 9, 9)).save(tmp_path / "frames" / f"{number}.png")
    annotate_video(tmp_path / "frames", tmp_path / f"out.{ending}", model=lightning, progress=False)
    assert sum(1 for _ in read_video(tmp_path / f"out.{ending}")) == 3


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_a_pipe_is_not_replaced_by_a_clip(clip, tmp_path, lightning):
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(VideoError, match="it is a pipe or a device"):
        annotate_video(clip, tmp_path / "pipe.mp4", model=lightning, overwrite=True, progress=False)
    assert (tmp_path / "pipe.mp4").is_fifo()


def test_names_as_long_as_file_systems_allow(clip, tmp_path, lightning):
    target = tmp_path / ("x" * 245 + ".mp4")
    annotate_video(clip, target, model=lightning, table=target.with_suffix(".csv"), progress=False)
    assert len(read_video(target)) == 12


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_clip_that_breaks_off_keeps_what_there_was_and_says_so(tmp_path, lightning, capsys, share):
    content = posekit.sample("squats").read_bytes()
    (tmp_path / "half.mp4").write_bytes(content[: int(len(content) * share)])
    tracks = annotate_video(
        tmp_path / "half.mp4", tmp_path / "out.mp4", model=lightning, table=tmp_path / "out.csv", progress=False
    )
    kept = sum(1 for _ in read_video(tmp_path / "out.mp4"))
    assert 228 * share * 0.8 < kept < 228
    assert tracks["frame"].nunique() == kept
    assert f"breaks off: it has {kept} of the 228 frames" in capsys.readouterr().err
    assert any("breaks off" in note for note in tracks.attrs["notes"])
    assert len(pandas.read_csv(tmp_path / "out.csv")) == len(tracks)


def test_the_pixel_aspect_is_passed_on(tmp_path, lightning, person):
    with VideoWriter(tmp_path / "wide.mp4", pixel_aspect=16 / 11) as writer:
        writer.write(person, 0)
    annotate_video(tmp_path / "wide.mp4", tmp_path / "out.mp4", model=lightning, progress=False)
    assert float(read_video(tmp_path / "out.mp4").pixel_aspect) == pytest.approx(16 / 11, rel=0.001)


@pytest.mark.slow
def test_a_clip_whose_pixels_are_not_square_gives_the_angles_of_its_twin(ffmpeg, tmp_path, lightning):
    """FFmpeg squeezes the picture; a player shows both clips alike."""
    ffmpeg("-i", posekit.sample("jumping_jacks"), "-t 1 -c:v libx264 -crf 12", tmp_path / "square.mp4")
    ffmpeg("-i", tmp_path / "square.mp4", "-vf scale=320:480,setsar=2/1 -c:v libx264 -crf 12", tmp_path / "squeezed.mp4")
    square, squeezed = (
        posekit.track_video(tmp_path / f"{name}.mp4", model=lightning, progress=False) for name in ("square", "squeezed")
    )
    assert squeezed.attrs["pixel_aspect"] == 2.0
    assert (squeezed["x"] - square["x"] / 2).abs().median() < 1, "pixels of the clip itself"
    off = (posekit.angles(squeezed) - posekit.angles(square)).abs().median()
    assert off[["left_shoulder", "right_shoulder", "left_hip", "right_hip", "left_knee", "right_knee"]].max() < 3
    ignored = squeezed.copy()
    ignored.attrs = {}
    assert (posekit.angles(ignored) - posekit.angles(square)).abs().median()["left_shoulder"] > 5


@pytest.mark.slow
def test_tracks_without_drawing_are_the_same_and_tell_of_the_clip(clip, tmp_path, lightning):
    drawn = annotate_video(clip, tmp_path / "out.mp4", model=lightning, progress=False)
    tracks = posekit.track_video(clip, model=lightning, progress=False)
    assert tracks.equals(drawn)
    assert tracks.attrs == {"frames": 12, "fps": 25.0, "size": [640, 480], "pixel_aspect": 1.0, "notes": []}
    assert list(tracks) == ["frame", "time", "id", "person", "keypoint", "x", "y", "score"]


def started(tmp_path, *options, target="out.mp4"):
    """A process that annotates a sample clip and has begun to write."""
    code = (
        "import sys, posekit; from posekit.video import annotate_video\n"
        "annotate_video(sys.argv[1], sys.argv[2], table=sys.argv[3], overwrite=True, progress=False)"
    )
    words = [sys.executable, "-c", code, posekit.sample("squats"), tmp_path / target, tmp_path / "out.csv"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if any(size(part) for part in tmp_path.glob(".*.part.mp4")):
            break
        time.sleep(0.01)
    return process


def size(path):
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="has no such signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_keeps_the_clip_and_the_table(tmp_path, name):
    number = getattr(signal, name)
    with started(tmp_path) as process:
        process.send_signal(number)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == -number
    kept = sum(1 for _ in read_video(tmp_path / "out.mp4"))
    assert 0 < kept < 228
    assert f"holds the first {kept} of 228 frames" in said
    assert pandas.read_csv(tmp_path / "out.csv")["frame"].nunique() == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "out.mp4"]


@pytest.mark.slow
def test_a_kill_leaves_the_old_clip_or_the_new_one_and_the_next_run_sweeps(clip, tmp_path, lightning):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "out.mp4").write_bytes(old := clip.read_bytes())
    waits = random.Random(0)
    for _ in range(5):
        with started(folder) as process:
            try:
                process.wait(waits.uniform(0, 2))
            except subprocess.TimeoutExpired:
                process.kill()
        if (folder / "out.mp4").read_bytes() != old:
            assert sum(1 for _ in read_video(folder / "out.mp4")) == 228
    annotate_video(clip, folder / "out.mp4", model=lightning, table=folder / "out.csv", overwrite=True, progress=False)
    assert sorted(path.name for path in folder.iterdir()) == ["out.csv", "out.mp4"]


@pytest.mark.slow
def test_two_runs_to_one_target_leave_a_whole_clip(tmp_path):
    with started(tmp_path) as first, started(tmp_path) as second:
        assert first.wait(120) == second.wait(120) == 0
    assert sum(1 for _ in read_video(tmp_path / "out.mp4")) == 228
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "out.mp4"]


@pytest.mark.slow
def test_a_soak_of_5000_frames_takes_no_more_memory_than_500(tmp_path, person):
    """Compares the peak memory of the whole process after 500 frames and after 5,000."""
    import cv2

    small = cv2.resize(person, (160, 120), interpolation=cv2.INTER_AREA)
    with VideoWriter(tmp_path / "in.mp4") as writer:
        for i in range(5000):
            writer.write(small, i / 30)
    code = """
import resource, sys, posekit
from posekit.video import annotate
class Watched(annotate._Tracks):
    def add(self, time, poses):
        super().add(time, poses)
        if self.frames in (500, 5000):
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
annotate._Tracks = Watched
posekit.annotate_video(sys.argv[1], sys.argv[2], progress=False)
"""
    words = [sys.executable, "-c", code, tmp_path / "in.mp4", tmp_path / "out.mp4"]
    early, late = map(int, subprocess.run(words, capture_output=True, text=True, check=True).stdout.split())
    assert late < 1.1 * early
