import re

import numpy as np
import pytest
from PIL import Image

import posekit
from posekit import VideoError, read_video
from posekit.video.writer import VideoWriter

av = pytest.importorskip("av")


@pytest.fixture
def clip(tmp_path, person):
    """Twelve frames of the rendered person, who moves 4 pixels a frame."""
    path = tmp_path / "clip.mp4"
    with VideoWriter(path, 25) as writer:
        for i in range(12):
            writer.write(np.roll(person, 4 * i, axis=1), i / 25)
    return path


def test_facts_and_frames_of_a_clip(clip, person):
    video = read_video(clip)
    assert (video.size, video.fps, len(video)) == ((640, 480), 25, 12)
    frames = list(video)
    assert len(frames) == 12
    assert frames[0].dtype == np.uint8
    assert np.abs(frames[0].astype(int) - person).mean() < 4
    assert len(list(video)) == 12, "as often as you like"
    assert [time for time, _ in video.timed()] == pytest.approx(np.arange(12) / 25)
    assert repr(video) == "Video(clip.mp4, 640×480, 12 frames, 25 a second)"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("a.mkv", "libx264", "yuv420p"),
        ("a.avi", "mjpeg", "yuvj420p"),
        ("a.webm", "libvpx", "yuv420p"),
        ("a.mov", "mpeg4", "yuv420p"),
    ],
)
def test_reads_other_containers_and_codecs(tmp_path, person, name, codec, pix_fmt):
    with av.open(str(tmp_path / name), "w") as output:
        stream = output.add_stream(codec, rate=10, width=640, height=480, pix_fmt=pix_fmt, bit_rate=4_000_000)
        for _ in range(5):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(person, format="rgb24")))
        output.mux(stream.encode(None))
    video = read_video(tmp_path / name)
    assert len(video) == 5
    assert np.abs(next(iter(video)).astype(int) - person).mean() < 10


@pytest.mark.slow
def test_reads_a_gif_a_folder_and_a_pattern(tmp_path, person):
    pictures = [Image.fromarray(np.roll(person, 40 * i, axis=1)) for i in range(3)]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:], duration=100)
    (tmp_path / "frames").mkdir()
    for i, picture in enumerate(pictures):
        picture.save(tmp_path / "frames" / f"{i:03d}.png")
    for source in (tmp_path / "a.gif", tmp_path / "frames", tmp_path / "frames" / "%03d.png"):
        video = read_video(source)
        assert len(video) == 3
        for picture, frame in zip(pictures, video, strict=True):
            assert np.abs(np.asarray(picture).astype(int) - frame).mean() < 6


# Rows of the matrix in the track header of an MP4 (ISO 14496-12, 8.3.2) that turn the picture clockwise, in 16.16 numbers.
TURNS = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


@pytest.mark.parametrize("degrees", TURNS)
def test_a_clip_is_turned_upright_by_its_mark(tmp_path, clip, person, degrees):
    a, b, c, d = (np.array(value << 16, ">i4").tobytes() for value in TURNS[degrees])
    content, zero = clip.read_bytes(), bytes(4)
    plain = (1 << 16).to_bytes(4, "big")
    track = content.index(b"tkhd")
    identity = plain + zero + zero + zero + plain
    place = content.index(identity, track)
    turned = tmp_path / "turned.mp4"
    turned.write_bytes(content[:place] + a + b + zero + c + d + content[place + len(identity) :])
    video = read_video(turned)
    upright = np.rot90(person, -degrees // 90)
    assert video.size == upright.shape[1::-1]
    assert np.abs(next(iter(video)).astype(int) - upright).mean() < 4


def test_what_is_not_a_clip_is_explained(tmp_path, clip):
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("hello, I am a text " * 50)
    (tmp_path / "folder").mkdir()
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nclip.mp4\n#EXT-X-ENDLIST\n")
    with av.open(str(tmp_path / "tone.wav"), "w") as output:
        stream = output.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        output.mux(stream.encode(frame))
    content = clip.read_bytes()
    (tmp_path / "odd.mp4").write_bytes(content.replace(b"avc1", b"zzz9").replace(b"avcC", b"zzzC"))
    (tmp_path / "header.mp4").write_bytes(content[: content.index(b"mdat") + 4])
    for name, message in {
        "missing.mp4": "no file",
        "empty.mp4": "0 bytes",
        "text.mp4": "not a clip",
        "folder": "no pictures in the folder",
        "nowhere/%03d.png": "no folder",
        "tone.wav": "no clip in it, only audio",
        "list.m3u8": "list of other files|not a clip",
        "odd.mp4": "codec that this FFmpeg lacks|not a clip",
        "header.mp4": "breaks off: it has 0 of the 12",
    }.items():
        with pytest.raises(VideoError, match=message):
            read_video(tmp_path / name)


@pytest.mark.parametrize(("name", "words"), [("", "got an empty one"), ("https://example.org/a.mp4", "download the clip first")])
def test_a_name_that_is_no_path_is_explained(name, words):
    with pytest.raises(VideoError, match=words):
        read_video(name)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.3, *(pytest.param(share, marks=pytest.mark.slow) for share in (0.6, 0.9))])
def test_a_file_that_breaks_off_is_not_passed_off_as_whole(tmp_path, share):
    content = posekit.sample("squats").read_bytes()
    half = tmp_path / "half.mp4"
    half.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(VideoError, match=r"breaks off|damaged"):
        list(read_video(half))


def test_a_clip_shows_itself_in_a_notebook(clip, tmp_path, monkeypatch):
    html = read_video(clip)._repr_html_()
    assert html.startswith("<video controls")
    assert 'aria-label="clip.mp4: a clip of 0.5 seconds, 640×480 pixels"' in html
    assert 'poster="data:image/jpeg' in html
    assert "data:video/mp4;base64," in html
    monkeypatch.setattr("posekit.video.reader.MAX_SHOWN", 10)
    assert re.search(r'<img alt="[^"]+" src="data:image/jpeg', read_video(clip)._repr_html_()), "of a large one a picture"
