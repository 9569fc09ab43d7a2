"""Small files that are expensive to decode."""

import struct

import numpy as np
from serving import encoded


def scans(count):
    """A progressive JPEG of one picture whose first scan is there many times: each costs a pass over all of it."""
    picture = encoded(np.zeros((64, 64, 3), np.uint8), progressive=True)
    start = picture.index(b"\xff\xda")
    end = picture.index(b"\xff", start + 14)
    return picture[:start] + picture[start:end] * count + picture[start:]


def tile(side):
    """A TIFF of 16 × 16 pixels in one tile that is much larger."""
    tags = [(256, 4, 16), (257, 4, 16), (258, 3, 8), (259, 3, 1), (262, 3, 1), (277, 3, 1), (322, 4, side), (323, 4, side)]
    tags += [(324, 4, 8), (325, 4, side * side)]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + entries + bytes(4)


def webp(side):
    """A transparent WebP of 36 bytes: one colour, which takes no bit a pixel (RFC 9649, section 3)."""
    fields = [(side - 1, 14), (side - 1, 14), (1, 1), (0, 3), (0, 1), (0, 1), (0, 1)] + [(0b0001, 4)] * 5
    bits = "".join(f"{value:0{length}b}"[::-1] for value, length in fields)
    data = b"\x2f" + int(bits[::-1], 2).to_bytes((len(bits) + 7) // 8, "little")
    data += bytes(len(data) % 2)
    return b"RIFF" + struct.pack("<I", 12 + len(data)) + b"WEBPVP8L" + struct.pack("<I", len(data)) + data
