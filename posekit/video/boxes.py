"""Whether a file is whole, where neither its header nor FFmpeg says so: an MP4 in fragments (ISO 14496-12, 4.2)."""

from __future__ import annotations

import struct
from pathlib import Path

#: Size and type of a box, and its size where the first is 1.
_HEADER = ">I4sQ"


def boxes_are_whole(path: Path) -> bool:
    """Whether the last box ends before the file does: an MP4 in fragments does not say how long it should be."""
    end, size = 0, path.stat().st_size
    with path.open("rb") as file:
        while end < size:
            file.seek(end)
            short, _, long = struct.unpack(_HEADER, file.read(16).ljust(16, b"\0"))
            length = long if short == 1 else short
            if length < 8:  # up to the end of the file, or no box
                return True
            end += length
    return end <= size
