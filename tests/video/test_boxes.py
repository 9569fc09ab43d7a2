import struct

import pytest

import posekit
from posekit.video.boxes import boxes_are_whole

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
def test_a_file_ends_where_its_last_box_does(tmp_path, content, whole):
    (file := tmp_path / "clip.mp4").write_bytes(content)
    assert boxes_are_whole(file) == whole
