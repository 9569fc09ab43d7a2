import struct

import numpy as np
import pytest
from PIL import Image
from serving import encoded

import posekit
from posekit.web.jpeg import is_harmless

SQUARE = Image.new("RGB", (64, 48), "teal")


def with_orientation():
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(SQUARE, exif=exif)


def resized(content, width, height):
    """The same file with another size in its header."""
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", height, width) + content[at + 4 :]


def test_ordinary_small_jpegs_are_harmless(person):
    assert is_harmless(encoded(person))
    assert is_harmless(encoded(SQUARE.convert("L")))
    assert is_harmless(posekit.sample("astronaut").read_bytes())
    assert is_harmless(encoded(SQUARE, comment=b"hello", subsampling=0))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff",
        encoded(SQUARE, "PNG"),
        encoded(SQUARE, progressive=True),
        with_orientation(),
        resized(encoded(SQUARE), 2000, 1001),
        resized(encoded(SQUARE), 0, 100),
        encoded(SQUARE)[:200],
        encoded(SQUARE) + bytes(2**20),
        encoded(SQUARE) * 2,
        b"\xff\xd8" + b"\xff\xfe\0\x02" * 50 + encoded(SQUARE)[2:],
    ],
)
def test_what_may_cost_more_than_its_header_says_is_not(content):
    assert not is_harmless(content)


def test_what_is_let_through_is_as_small_as_it_says():
    content = encoded(SQUARE)
    chance = np.random.default_rng(1)
    for _ in range(300):
        bent = bytearray(content)
        for at in chance.integers(0, 700, 3):
            bent[at % len(bent)] = chance.integers(256)
        if is_harmless(bytes(bent)):
            assert pixels(bytes(bent)) <= 2_000_000


def pixels(content):
    """Of a file, as it is read; 0 where it is damaged."""
    try:
        return posekit.read_image(content).size / 3
    except posekit.ImageError:
        return 0
