import signal

import numpy as np
import pytest

import posekit
from posekit.web import clip_work
from posekit.web.clip_work import SENT, _Report, _Smaller, check

H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -f mp4"


def test_a_usual_clip_may_be_sent(tmp_path):
    path = tmp_path / SENT
    path.write_bytes(posekit.sample("squats").read_bytes())
    assert check(path) == 640 * 480


@pytest.mark.parametrize(("picture", "words"), [
    ("size=64x48:rate=2:duration=62", "lasts 62 seconds; 60 are allowed"),
    ("size=64x48:rate=120:duration=40", "4800 frames of 64 × 48"),
    ("size=4000x2400:rate=1:duration=1", "has 4000 × 2400 pixels; 3840 × 2160"),
])  # fmt: skip
def test_what_is_too_long_or_too_large_is_reported_before_it_is_decoded(ffmpeg, tmp_path, picture, words):
    ffmpeg(f"-f lavfi -i color={picture} {H264}", tmp_path / SENT)
    with pytest.raises(posekit.VideoError, match=words):
        check(tmp_path / SENT)


def test_more_pixels_than_a_minute_of_full_hd_has_are_too_many(ffmpeg, tmp_path, monkeypatch):
    monkeypatch.setattr(clip_work, "MAX_PIXELS", 64 * 48 * 20)
    ffmpeg(f"-f lavfi -i color=size=64x48:rate=21:duration=1 {H264}", tmp_path / SENT)
    with pytest.raises(posekit.VideoError, match="too much work"):
        check(tmp_path / SENT)


PLAYLISTS = [b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1/a.ts\n", b"ffconcat version 1.0\nfile /etc/passwd\n"]


@pytest.mark.parametrize("content", [b"hello", b"\0\0\0\x1cftypisom", *PLAYLISTS])
def test_what_is_not_a_clip_or_leads_elsewhere_is_not_read(tmp_path, content):
    (tmp_path / SENT).write_bytes(content)
    with pytest.raises(posekit.VideoError, match=f"{SENT} is not a clip that can be read here"):
        check(tmp_path / SENT)


def test_a_picture_is_not_a_clip_whatever_its_name_says(tmp_path):
    (tmp_path / "a.mp4").write_bytes(posekit.sample("person").read_bytes())
    with pytest.raises(posekit.VideoError, match="not a clip"):
        check(tmp_path / "a.mp4")


def test_sound_alone_is_not_a_clip(ffmpeg, tmp_path):
    ffmpeg("-f lavfi -i sine=duration=1 -f mp4", tmp_path / SENT)
    with pytest.raises(posekit.VideoError, match="has no picture"):
        check(tmp_path / SENT)


@pytest.fixture
def stops(tmp_path, monkeypatch):
    """The signals that come while a report is made in `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / SENT).write_bytes(b"clip")
    signals = []
    before = signal.signal(signal.SIGINT, lambda number, _: signals.append(number))
    yield signals
    signal.signal(signal.SIGINT, before)


def test_how_far_the_work_is_can_be_read(tmp_path, stops):
    _Report(100)(3, 20)
    assert (tmp_path / clip_work.PROGRESS).read_text() == "3 20"
    assert not stops


def test_it_stops_once_when_it_takes_too_long(clock, stops):
    report = _Report(100, clock=clock)
    clock.now += clip_work.MAX_WORK + 1
    report(3, 20)
    report(4, 20)
    assert len(stops) == 1
    assert report.notes == ["only its first 3 frames are here: the rest takes more than 8 minutes"]


def test_it_stops_at_more_frames_than_the_clip_said(stops):
    report = _Report(clip_work.MAX_PIXELS // 10)
    for number in range(10):
        report(number + 1, 5)
    assert not stops
    report(11, 5)
    assert len(stops) == 1
    assert "more frames than its header says" in report.notes[0]


def test_it_stops_where_the_result_becomes_too_large(tmp_path, stops, monkeypatch):
    monkeypatch.setattr(clip_work, "MAX_WRITTEN", 1000)
    (tmp_path / ".part.mp4").write_bytes(bytes(2000))
    report = _Report(100)
    report(1, 5)
    assert len(stops) == 1
    assert "larger than" in report.notes[0]


@pytest.mark.slow
def test_large_frames_come_back_smaller_with_their_points_in_pixels_of_the_clip(tmp_path, monkeypatch):
    monkeypatch.setattr(clip_work, "RESULT_SIDE", 320)
    clip = _Smaller(str(posekit.sample("squats")))
    assert clip.size == (320, 240)
    tracks = clip.enlarged(posekit.annotate_video(clip, tmp_path / "pose.mp4", progress=False))
    assert posekit.read_video(tmp_path / "pose.mp4").size == (320, 240)
    assert tracks.attrs["size"] == [640, 480]
    truth = np.array(posekit.ground_truth("squats")["people"][0]["xy"])
    found = tracks[["x", "y"]].to_numpy().reshape(-1, 17, 2)
    assert np.linalg.norm(found - truth[tracks["frame"].to_numpy()[::17]], axis=2).mean() < 15
