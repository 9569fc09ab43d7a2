"""Recognises JPEGs that cannot cost much to decode, by their headers."""

from __future__ import annotations

#: The most bytes, pixels, and segments before the scan of a harmless JPEG.
MAX_BYTES = 2**20
MAX_PIXELS = 2_000_000
MAX_SEGMENTS = 32

_SOI, _SOS = b"\xff\xd8", b"\xff\xda"
_SOF0 = 0xFFC0  # ITU-T T.81, table B.1
_PLAIN = (_SOF0, 0xFFC4, 0xFFDB, 0xFFDD, 0xFFE0, 0xFFEE, 0xFFFE)  # tables, restarts, APP0, APP14, comments


def is_harmless(content: bytes) -> bool:
    """Whether the header bounds what decoding costs: baseline, one scan, few pixels, and no metadata that must be parsed.

    Then both time and memory are proportional to pixels and bytes. In case of doubt, the answer is no.
    """
    if len(content) > MAX_BYTES or not content.startswith(_SOI) or content.count(_SOS) != 1:
        return False
    at, pixels = len(_SOI), 0
    for _ in range(MAX_SEGMENTS):
        marker = _number(content, at)
        if marker == _number(_SOS, 0):
            return 0 < pixels <= MAX_PIXELS
        if marker not in _PLAIN or (marker == _SOF0 and pixels):
            return False
        if marker == _SOF0:
            pixels = _number(content, at + 5) * _number(content, at + 7)
        at += 2 + _number(content, at + 2)
    return False


def _number(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 2], "big")
