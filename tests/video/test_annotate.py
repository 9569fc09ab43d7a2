import signal
import subprocess
import sys
import time

import numpy as np
import pytest

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
def test_memory_does_not_grow_with_the_length(tmp_path, person):
    import cv2

    small = cv2.resize(person, (160, 120), interpolation=cv2.INTER_AREA)
    used = []
    for frames in (300, 3000):
        with VideoWriter(tmp_path / "in.mp4") as writer:
            for i in range(frames):
                writer.write(small, i / 30)
        code = f"""
import resource, posekit
posekit.annotate_video({str(tmp_path / "in.mp4")!r}, {str(tmp_path / "out.mp4")!r}, overwrite=True, progress=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
        used.append(int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout))
    assert used[1] < 1.1 * used[0], used


def test_the_table_goes_on_over_its_chunks(clip, tmp_path, lightning, monkeypatch):
    whole = annotate_video(clip, tmp_path / "out.mp4", model=lightning, progress=False)
    monkeypatch.setattr("posekit.video.annotate._CHUNK", 5)
    parts = annotate_video(clip, tmp_path / "out.mp4", model=lightning, overwrite=True, progress=False)
    assert parts.equals(whole)
    assert parts["frame"].unique().tolist() == list(range(12))
