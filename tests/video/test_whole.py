import struct

import pytest
from PIL import Image

import posekit
from posekit.video.whole import is_whole

WHOLE = posekit.sample("walk").read_bytes()


@pytest.mark.parametrize(
    ("content", "whole"),
    [
        pytest.param(WHOLE, True, id="a clip"),
        pytest.param(WHOLE[:-1], False, id="a byte less"),
        pytest.param(WHOLE[: len(WHOLE) // 2], False, id="half of it"),
        pytest.param(WHOLE + b"\0\0\0\x10free", False, id="another box begins"),
        pytest.param(WHOLE + struct.pack(">I4sQ", 1, b"mdat", 24) + bytes(8), True, id="a box with a long size"),
        pytest.param(WHOLE + struct.pack(">I4sQ", 1, b"mdat", 24) + bytes(7), False, id="a byte less of that"),
        pytest.param(WHOLE + b"\0\0\0\0mdat" + bytes(99), True, id="a box up to the end"),
        pytest.param(b"", True, id="nothing"),
    ],
)
def test_an_mp4_ends_where_its_last_box_does(tmp_path, content, whole):
    (file := tmp_path / "clip.mp4").write_bytes(content)
    assert is_whole(file, {"mov", "mp4"}) == whole
    assert is_whole(file, {"another"}), "of a format that is not known it is not told"


@pytest.mark.slow
@pytest.mark.parametrize("colors", [2, 256])
def test_a_gif_ends_with_its_mark(tmp_path, colors):
    """As Pillow writes it; what comes after the mark does not matter."""
    pictures = [Image.effect_noise((40, 30), 50 + i).quantize(colors) for i in range(3)]
    pictures[0].save(tmp_path / "clip.gif", save_all=True, append_images=pictures[1:], duration=40)
    content = (tmp_path / "clip.gif").read_bytes()
    for end in range(13, len(content), 7):
        (tmp_path / "cut.gif").write_bytes(content[:end])
        assert not is_whole(tmp_path / "cut.gif", {"gif"}), end
    for more in (b"", bytes(9)):
        (tmp_path / "cut.gif").write_bytes(content + more)
        assert is_whole(tmp_path / "cut.gif", {"gif"})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("format_", "name", "words"),
    [
        ("matroska", "clip.mkv", "-c:v libx264 -pix_fmt yuv420p"),
        ("mpegts", "clip.ts", "-c:v libx264 -pix_fmt yuv420p"),
        ("mpegts", "clip.m2ts", "-c:v libx264 -pix_fmt yuv420p"),
        ("apng", "clip.apng", ""),
        ("asf", "clip.wmv", "-c:v wmv2 -q:v 3"),
        ("ogg", "clip.ogv", "-c:v libtheora"),
        ("yuv4mpegpipe", "clip.y4m", "-s 63x47 -pix_fmt yuv420p"),
        ("yuv4mpegpipe", "clip.y4m", "-s 63x47 -pix_fmt yuv411p"),
        ("yuv4mpegpipe", "clip.y4m", "-s 63x47 -pix_fmt yuv422p"),
        ("yuv4mpegpipe", "clip.y4m", "-pix_fmt yuv444p"),
        ("flv", "clip.flv", "-c:v flv -q:v 3"),
        ("flv", "clip.flv", "-c:v libx264 -pix_fmt yuv420p -flvflags no_duration_filesize"),
        ("mjpeg", "clip.mjpeg", "-c:v mjpeg -pix_fmt yuvj420p"),
        ("dv", "clip.dv", "-s 720x576 -pix_fmt yuv420p"),
        ("dv", "clip.dv", "-s 720x480 -r 30000/1001 -pix_fmt yuv411p"),
        ("dv", "clip.dv", "-s 720x576 -pix_fmt yuv422p"),
    ],
)
def test_files_that_lack_a_byte_are_not_whole(ffmpeg, tmp_path, format_, name, words):
    ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=25:duration=1", words, tmp_path / name)
    content = (tmp_path / name).read_bytes()
    assert is_whole(tmp_path / name, {format_})
    for missing in (1, 50, 187, len(content) // 2 // 188 * 188 - 7):
        (tmp_path / name).write_bytes(content[:-missing])
        assert not is_whole(tmp_path / name, {format_}), missing


def test_an_flv_that_ends_between_two_tags_is_as_large_as_it_says(ffmpeg, tmp_path):
    ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=25:duration=1 -c:v flv", tmp_path / "clip.flv")
    content = (tmp_path / "clip.flv").read_bytes()
    (tmp_path / "clip.flv").write_bytes(content[: -int.from_bytes(content[-4:], "big") - 4])
    assert not is_whole(tmp_path / "clip.flv", {"flv"})


def test_an_avi_is_as_long_as_its_lists(ffmpeg, tmp_path):
    """It breaks off where its last picture does, and its index is lost."""
    ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=25:duration=1 -c:v mpeg4", tmp_path / "clip.avi")
    content = (tmp_path / "clip.avi").read_bytes()
    counted_from_0 = content[:4] + struct.pack("<I", len(content)) + content[8:]
    for text, whole in ((content, True), (content + bytes(99), True), (content * 2, True), (counted_from_0, True),
                        (content[: content.rindex(b"idx1")], False), (content * 2 + content[:-50], False)):  # fmt: skip
        (tmp_path / "clip.avi").write_bytes(text)
        assert is_whole(tmp_path / "clip.avi", {"avi"}) == whole


def test_what_does_not_say_how_long_it_is_counts_as_whole(ffmpeg, tmp_path):
    picture = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=1 -c:v libx264 -pix_fmt yuv420p"
    (tmp_path / "live.mkv").write_bytes(ffmpeg(picture, "-f matroska -live 1 -"))
    assert is_whole(tmp_path / "live.mkv", {"matroska"})
    for kind in ("gray", "yuv420p10"):  # kinds of pictures whose length is not told
        ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=25:duration=1 -strict -1 -pix_fmt", kind, tmp_path / "clip.y4m")
        assert is_whole(tmp_path / "clip.y4m", {"yuv4mpegpipe"})
    for format_ in ("gif", "apng", "avi", "matroska", "mpegts", "asf", "yuv4mpegpipe", "dv", "flv", "mjpeg"):
        (tmp_path / "text").write_text("no clip at all")
        is_whole(tmp_path / "text", {format_})  # whatever it says, it does not fail
