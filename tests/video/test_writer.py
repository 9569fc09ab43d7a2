import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

import posekit
from posekit.video.writer import VideoWriter

av = pytest.importorskip("av")


def write(target, frames, times, **options):
    with VideoWriter(target, **options) as writer:
        for frame, time in zip(frames, times, strict=True):
            writer.write(frame, time)
    return target


def flat(level, size=(48, 64)):
    return np.full((*size, 3), level, np.uint8)


@pytest.mark.parametrize("ending", [".mp4", ".gif"])
def test_uneven_times_are_kept(tmp_path, ending):
    times = [0.0, 0.05, 0.3, 0.35, 1.0]
    clip = posekit.read_video(write(tmp_path / f"clip{ending}", [flat(40 * i) for i in range(5)], times))
    assert [time for time, _ in clip.timed()] == pytest.approx(times, abs=0.011)
    assert [frame.mean() for frame in clip] == pytest.approx([0, 40, 80, 120, 160], abs=3)


def test_a_gif_of_240_frames_a_second_takes_as_long_as_the_clip(tmp_path):
    """Browsers show a picture for 2/100 s at least: frames that come faster are left out."""
    clip = posekit.read_video(write(tmp_path / "clip.gif", [flat(i) for i in range(240)], np.arange(240) / 240, fps=240))
    times = [time for time, _ in clip.timed()]
    assert times[-1] == pytest.approx(1, abs=0.03)
    assert min(np.diff(times)) >= 0.02 - 1e-9
    assert len(times) > 40


@pytest.mark.parametrize("ending", [".mp4", ".gif"])
def test_a_link_is_followed_and_stays_a_link(tmp_path, ending):
    (tmp_path / "far").mkdir()
    link = tmp_path / f"link{ending}"
    link.symlink_to(tmp_path / "far" / f"clip{ending}")
    write(link, [flat(9)], [0])
    assert link.is_symlink()
    assert sum(1 for _ in posekit.read_video(tmp_path / "far" / f"clip{ending}")) == 1


def test_parts_of_killed_runs_are_swept(tmp_path):
    (tmp_path / ".0123456789ab.part.mp4").write_bytes(b"left by a kill")
    write(tmp_path / "clip.mp4", [flat(9)], [0])
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


@pytest.mark.slow
@pytest.mark.parametrize("size", [(48, 64), (720, 1280)])
@pytest.mark.parametrize("color", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 120, 40), (255, 255, 255)])
def test_colours_are_the_same_in_small_and_high_definition(tmp_path, color, size):
    clip = write(tmp_path / "clip.mp4", [np.full((*size, 3), color, np.uint8)] * 2, [0, 0.1])
    middle = next(iter(posekit.read_video(clip)))[size[0] // 2, size[1] // 2]
    assert np.abs(middle.astype(int) - color).max() <= 4


def test_an_mp4_plays_in_browsers(tmp_path):
    clip = write(tmp_path / "clip.mp4", [flat(100)] * 5, np.arange(5) / 30)
    with av.open(str(clip)) as container:
        stream = container.streams.video[0].codec_context
        assert (stream.name, stream.pix_fmt) == ("h264", "yuv420p")
    assert clip.read_bytes().index(b"moov") < clip.read_bytes().index(b"mdat"), (
        "the index comes first, so that it plays while it loads"
    )


def test_odd_sizes_lose_their_last_row_and_column(tmp_path):
    assert posekit.read_video(write(tmp_path / "clip.mp4", [flat(9, (49, 65))], [0])).size == (64, 48)


def test_each_frame_of_a_gif_has_its_own_colours(tmp_path):
    rng = np.random.default_rng(0)
    frames = [rng.integers(low, low + 40, (48, 64, 3)).astype(np.uint8) for low in (0, 100, 200)]
    clip = posekit.read_video(write(tmp_path / "clip.gif", frames, [0, 0.1, 0.2]))
    for written, read in zip(frames, clip, strict=True):
        assert np.abs(written.astype(int) - read).mean() < 8


def with_sound(target, video_codec, audio_codec, pix_fmt):
    """Two seconds: a grey picture and a tone of 440 Hz."""
    with av.open(str(target), "w") as output:
        picture = output.add_stream(video_codec, rate=30, width=64, height=48, pix_fmt=pix_fmt)
        voice = output.add_stream(audio_codec, rate=44100, layout="mono")
        for i in range(60):
            frame = av.VideoFrame.from_ndarray(flat(100), format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, 30)
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
        tone = (np.sin(2 * np.pi * 440 * np.arange(88200) / 44100) * 20000).astype(np.int16)[None]
        for start in range(0, 88200, 1024):
            frame = av.AudioFrame.from_ndarray(tone[:, start : start + 1024], format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 44100, start, Fraction(1, 44100)
            output.mux(voice.encode(frame))
        output.mux(voice.encode(None))
    return target


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "codecs"), [("in.mp4", ("libx264", "aac", "yuv420p")), ("in.avi", ("mjpeg", "pcm_s16le", "yuvj420p"))]
)
@pytest.mark.parametrize("frames", [60, 30])
def test_sound_is_kept_as_long_as_the_picture(tmp_path, name, codecs, frames):
    source = with_sound(tmp_path / name, *codecs)
    clip = write(tmp_path / "out.mp4", [flat(50)] * frames, np.arange(frames) / 30, sound=source)
    with av.open(str(clip)) as container:
        voice = container.streams.audio[0]
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(voice)])
        rate = voice.codec_context.sample_rate
    assert len(heard) / rate == pytest.approx(frames / 30, abs=0.1)
    assert np.fft.rfftfreq(len(heard), 1 / rate)[np.abs(np.fft.rfft(heard)).argmax()] == pytest.approx(440, abs=2)
    assert len(posekit.read_video(clip)) == frames
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "out.mp4"])


def test_a_clip_without_sound_and_a_gif_get_none(tmp_path):
    silent = write(tmp_path / "silent.mp4", [flat(9)] * 3, [0, 0.1, 0.2])
    for name in ("out.mp4", "out.gif"):
        with av.open(str(write(tmp_path / name, [flat(9)] * 3, [0, 0.1, 0.2], sound=silent))) as container:
            assert not container.streams.audio


def test_an_error_leaves_nothing_and_what_was_there_before(tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"my old clip")

    def work():
        with VideoWriter(tmp_path / "clip.mp4") as writer:
            writer.write(flat(9), 0)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"clip.mp4": b"my old clip"}


def test_ctrl_c_keeps_what_was_written(tmp_path):
    def work():
        with VideoWriter(tmp_path / "clip.mp4") as writer:
            for i in range(7):
                writer.write(flat(30 * i), i / 30)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert sum(1 for _ in posekit.read_video(tmp_path / "clip.mp4")) == 7
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


@pytest.mark.slow
def test_a_kill_leaves_nothing_under_the_name(tmp_path):
    code = f"""
import os, signal, numpy as np
from posekit.video.writer import VideoWriter
with VideoWriter({str(tmp_path / "clip.mp4")!r}) as writer:
    for i in range(50):
        writer.write(np.zeros((48, 64, 3), np.uint8), i / 30)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    assert not (tmp_path / "clip.mp4").exists()


@pytest.mark.slow
def test_a_full_disk_is_explained_and_leaves_nothing(tmp_path):
    """A limit on the size of files stands in for a full disk: the system refuses to write, too."""
    code = f"""
import resource, signal, numpy as np
from posekit.video.writer import VideoWriter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
rng = np.random.default_rng(0)
with VideoWriter({str(tmp_path / "clip.mp4")!r}) as writer:
    for i in range(60):
        writer.write(rng.integers(0, 256, (480, 640, 3), np.uint8), i / 30)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "posekit.errors.VideoError: cannot write" in run.stderr
    assert list(tmp_path.iterdir()) == []


def test_wrong_targets_and_frames_are_explained(tmp_path):
    for target, message in {
        tmp_path / "clip.avi": r"clip\.avi: its name must end in \.mp4 or \.gif",
        tmp_path / "clip": r"must end in",
        tmp_path / "missing" / "clip.mp4": "no folder",
    }.items():
        with pytest.raises(posekit.VideoError, match=message):
            VideoWriter(target)
    for wrong, message in {"size": "differs in size from the first one", "dtype": "float64"}.items():
        frames = [flat(9), flat(9, (60, 80)) if wrong == "size" else flat(9) / 255]
        with pytest.raises(posekit.PosekitError, match=message):
            write(tmp_path / "clip.mp4", frames, [0, 0.1])
    assert list(tmp_path.iterdir()) == []


def test_no_frames_make_no_file(tmp_path):
    with VideoWriter(tmp_path / "clip.mp4"):
        pass
    assert list(tmp_path.iterdir()) == []
