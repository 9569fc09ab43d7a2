"""The sound stays in time with the picture, as FFmpeg's program decodes both."""

import numpy as np
import pytest

from posekit import read_video
from posekit.video.writer import VideoWriter

pytest.importorskip("av")

#: Two seconds with a short tone at 0.5 s and another at 1.5 s.
CLICKS = "'if(between(mod(t,1),0.5,0.52),0.8*sin(2*PI*1000*t),0)'"
SOURCE = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=2 -f lavfi -i aevalsrc={clicks}:s={rate}:d=2 -c:v {picture} "
H264 = "libx264 -bf 2 -pix_fmt yuv420p"

#: Name of the clip: rate, picture, what FFmpeg is told of the sound.
SOUNDS = {
    "aac.mp4": (48000, H264, "-c:a aac"),
    "aac.ts": (48000, H264, "-c:a aac"),
    "aac.mkv": (44100, H264, "-c:a aac"),
    "aac.flv": (44100, H264, "-c:a aac"),
    "aac_late.mkv": (48000, H264, "-c:a aac -output_ts_offset 100"),
    "aac_at_wrap.ts": (48000, H264, "-c:a aac -output_ts_offset 95441.5"),
    "aac_5_1.mp4": (48000, H264, "-c:a aac -ac 6"),
    "mp3.mp4": (44100, H264, "-c:a libmp3lame"),
    "mp3.mkv": (44100, H264, "-c:a libmp3lame"),
    "mp3.avi": (44100, "mpeg4", "-c:a libmp3lame"),
    "mp3_8000.avi": (8000, "mpeg4", "-c:a libmp3lame"),
    "mp2.mpg": (48000, "mpeg2video", "-c:a mp2"),
    "ac3.mkv": (48000, H264, "-c:a ac3"),
    "ac3.ts": (48000, H264, "-c:a ac3"),
    "eac3.mkv": (48000, H264, "-c:a eac3"),
    "opus.webm": (48000, "libvpx", "-c:a libopus"),
    "opus.mkv": (48000, H264, "-c:a libopus"),
    "vorbis.webm": (44100, "libvpx", "-c:a libvorbis"),
    "flac.mkv": (48000, H264, "-c:a flac"),
    "alac.mov": (44100, H264, "-c:a alac"),
    "wma.wmv": (44100, "wmv2", "-c:a wmav2"),
    "pcm.mov": (44100, H264, "-c:a pcm_s16le"),
    "pcm_192000.mkv": (192000, H264, "-c:a pcm_s24le"),
    "pcm_176400.mkv": (176400, H264, "-c:a pcm_s16le"),
    "pcm_22255.mov": (22255, H264, "-c:a pcm_s16le"),
    "pcm_6000.avi": (6000, "mpeg4", "-c:a pcm_s16le"),
    "mulaw.avi": (8000, "mpeg4", "-c:a pcm_mulaw"),
    "adpcm.avi": (22050, "mpeg4", "-c:a adpcm_ms"),
}


def taken_over(clip, target):
    """Rewrites the picture with the sound of the clip; returns the writer's notes."""
    video = read_video(clip)
    with VideoWriter(target, video.fps, sound=video) as writer:
        for time, frame in video.timed():
            writer.write(frame, time)
    return writer.notes


def heard_and_seen(ffmpeg, clip, rate=48000):
    """When the sound sets in after silence, and when each picture is shown, in seconds."""
    sound, times = ffmpeg.sound(clip, rate)
    loud = np.flatnonzero(np.abs(sound) > 0.3)
    return loud[np.diff(loud, prepend=-rate) > rate // 10] / rate, times


def make(ffmpeg, path, rate, picture, words, clicks=CLICKS):
    ffmpeg(SOURCE.format(clicks=clicks, rate=rate, picture=picture), words, path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", SOUNDS)
def test_sound_of_every_kind_stays_in_time(ffmpeg, tmp_path, name):
    clip = make(ffmpeg, tmp_path / name, *SOUNDS[name])
    assert taken_over(clip, tmp_path / "out.mp4") == []
    expected, times = heard_and_seen(ffmpeg, clip)
    heard, seen = heard_and_seen(ffmpeg, tmp_path / "out.mp4")
    assert heard.shape == expected.shape == (2,)
    assert np.abs(heard - expected).max() < 0.02
    assert np.abs(seen - times).max() < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("delay", [-0.3, 0.3])
def test_sound_that_starts_before_or_after_the_picture(ffmpeg, tmp_path, delay):
    whole = make(ffmpeg, tmp_path / "whole.mkv", 48000, H264, "-c:a flac")
    ffmpeg("-i", whole, f"-itsoffset {delay} -i", whole, "-map 0:v -map 1:a -c copy", tmp_path / "clip.mkv")
    for codec in ("copy", "pcm_s16le"):
        ffmpeg("-i", tmp_path / "clip.mkv", f"-c:v copy -c:a {codec}", tmp_path / f"{codec}.mkv")
        assert taken_over(tmp_path / f"{codec}.mkv", tmp_path / "out.mp4") == []
        expected, heard = (heard_and_seen(ffmpeg, tmp_path / name)[0] for name in (f"{codec}.mkv", "out.mp4"))
        assert np.abs(heard - expected[: len(heard)]).max() < 0.02
        assert len(heard) >= len(expected) - 1, "a click after the picture's end may be left out"


@pytest.mark.slow
@pytest.mark.parametrize("codec", ["aac", "ac3", "mp2"])
def test_recordings_that_were_joined_keep_their_sound_in_time(ffmpeg, tmp_path, codec):
    part = make(ffmpeg, tmp_path / "part.ts", 48000, H264, f"-c:a {codec}")
    (tmp_path / "joined.ts").write_bytes(part.read_bytes() * 3)
    taken_over(tmp_path / "joined.ts", tmp_path / "out.mp4")
    heard = heard_and_seen(ffmpeg, tmp_path / "out.mp4")[0]
    assert heard.shape == (6,)
    first = heard_and_seen(ffmpeg, part)[0][0]
    assert np.abs(heard - first - np.arange(6)).max() < 0.02


@pytest.mark.slow
def test_recordings_of_different_forms_of_sound_that_were_joined_are_heard_to_the_end(ffmpeg, tmp_path):
    forms = {48000: 2, 22050: 1}
    parts = [make(ffmpeg, tmp_path / f"{rate}.ts", rate, H264, f"-c:a aac -ac {channels}") for rate, channels in forms.items()]
    (tmp_path / "joined.ts").write_bytes(b"".join(part.read_bytes() for part in parts))
    taken_over(tmp_path / "joined.ts", tmp_path / "out.mp4")
    heard = heard_and_seen(ffmpeg, tmp_path / "out.mp4")[0]
    firsts = [heard_and_seen(ffmpeg, part)[0] for part in parts]
    assert heard.shape == (4,)
    assert np.abs(heard - np.concatenate([firsts[0], 2 + firsts[1]])).max() < 0.2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("codec", "name"), [("ac3", "clip.mkv"), ("libmp3lame", "clip.mkv"), ("aac", "clip.ts"), ("pcm_s16le", "clip.mov")]
)
def test_damaged_sound_does_not_cost_the_picture(ffmpeg, tmp_path, codec, name):
    clip = make(ffmpeg, tmp_path / "whole.mkv", 48000, H264, f"-c:a {codec}", clicks="0.5*sin(2500*t)")
    ffmpeg("-i", clip, "-c copy -bsf:a noise=amount=30", tmp_path / name)
    taken_over(tmp_path / name, tmp_path / "out.mp4")
    assert sum(1 for _ in read_video(tmp_path / "out.mp4")) == 50


@pytest.mark.slow
def test_sound_that_cannot_be_read_leaves_a_silent_clip_and_says_so(ffmpeg, tmp_path, monkeypatch):
    clip = make(ffmpeg, tmp_path / "clip.mkv", 48000, H264, "-c:a ac3")
    monkeypatch.setattr("posekit.video.sound._timeline", None)
    (note,) = taken_over(clip, tmp_path / "out.mp4")
    assert note.startswith("the clip is silent, since its sound could not be kept")
    assert sum(1 for _ in read_video(tmp_path / "out.mp4")) == 50
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mkv", "out.mp4"]


@pytest.mark.slow
def test_mp3_and_opus_are_copied_and_others_become_aac(ffmpeg, tmp_path):
    import av

    for codec, expected in {"libmp3lame": "mp3", "libopus": "opus", "aac": "aac", "ac3": "aac", "libvorbis": "aac"}.items():
        clip = make(ffmpeg, tmp_path / "clip.mkv", 48000, H264, f"-c:a {codec}")
        taken_over(clip, tmp_path / "out.mp4")
        with av.open(str(tmp_path / "out.mp4")) as container:
            assert container.streams.audio[0].codec_context.codec.canonical_name == expected
