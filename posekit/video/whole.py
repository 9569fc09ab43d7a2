"""Whether a file is complete, where neither its header nor FFmpeg says so."""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

#: Size and type of a box in an MP4, then its size where the first is 1 (ISO 14496-12, 4.2).
_HEADER = ">I4sQ"

#: Bytes of a packet of a transport stream (ISO 13818-1), and of what may lie between two: a time (M2TS) or error correction.
_PACKET, _BETWEEN = 188, (0, 4, 16)

#: The GUID of the object that holds the size of an ASF file; and the most bytes of a page in an Ogg file.
_FILE_PROPERTIES, _LARGEST_PAGE = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365"), 65307


#: The bytes before the file's size in the first tag of an FLV, if it has one: the length of a name, the name, the type "number".
_FILE_SIZE = b"\0\x08filesize\0"

#: The longest line of a YUV4MPEG2 file that is read; and by what factors its kinds divide the width and height of the colours.
_LINE = 4096
_SHARES = {"420": (2, 2), "420jpeg": (2, 2), "420mpeg2": (2, 2), "420paldv": (2, 2), "411": (4, 1), "422": (2, 1), "444": (1, 1)}


def is_whole(path: Path, formats: Collection[str]) -> bool:
    """Whether the file ends where its own structure does.

    Args:
        path: the file.
        formats: FFmpeg's names of its format. A file in a format that is not known here counts as complete.
    """
    with path.open("rb") as file:
        return all(check(file, path.stat().st_size) for name, check in _CHECKS.items() if name in formats)


def index_is_whole(entries: Sequence[Any], ticks: int) -> bool:
    """Whether the index of an AVI reaches its end; one that breaks off lacks its index, or a part of it."""
    if len(entries) < 2:
        return len(entries) == ticks
    return int(entries[-1].timestamp) + ticks / len(entries) >= ticks


def breaks_off_before_its_index(path: Path) -> bool:
    """Whether this is an MP4 or MOV that ends in the middle of a box, without a `moov` box before it."""
    with path.open("rb") as file:
        kinds = [kind for _, kind, _ in _spans(file, path.stat().st_size)]
        return kinds[:1] == [b"ftyp"] and b"moov" not in kinds[:-1] and not is_whole(path, {"mov"})


def _spans(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes, int]]:
    """Start, type and end of each box in an MP4; the last one may end beyond the file."""
    end = 0
    while end < size:
        file.seek(end)
        short, kind, long = struct.unpack(_HEADER, file.read(16).ljust(16, b"\0"))
        length = long if short == 1 else short
        if length < 8:  # a box up to the end of the file, or not a box
            return
        yield end, kind, (end := end + length)


def _boxes(file: BinaryIO, size: int) -> bool:
    """Whether the last box of an MP4 ends within the file: a fragmented MP4 does not say how long it should be."""
    return all(end <= size for _, _, end in _spans(file, size))


def _blocks(file: BinaryIO, size: int) -> bool:
    """Whether the blocks of a GIF lead to its trailer (GIF89a, 27)."""
    file.seek(10)
    file.seek(13 + _colors(file.read(1)))
    while (kind := file.read(1)) in (b"!", b","):  # an extension, or a picture
        if kind == b"!":
            file.seek(1, 1)
        else:
            file.seek(8, 1)
            file.seek(_colors(file.read(1)) + 1, 1)
        while length := file.read(1):
            if length == b"\0":
                break
            file.seek(length[0], 1)
    return kind != b""


def _colors(flags: bytes) -> int:
    """How many bytes the colour table that follows has."""
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


def _packets(file: BinaryIO, size: int) -> bool:
    """Whether the last packet of a transport stream is complete."""
    longest = _PACKET + max(_BETWEEN)
    file.seek(max(0, size - 8 * longest))
    tail = file.read()
    for between in _BETWEEN:
        step = _PACKET + between
        for last in range(len(tail) - 1, len(tail) - 1 - step, -1):
            if all(last >= back * step and tail[last - back * step] == ord("G") for back in range(6)):  # the sync byte, 0x47
                return len(tail) - last >= _PACKET
    return True  # no packets were found


def _segment(file: BinaryIO, size: int) -> bool:
    """Whether the segment of a Matroska file is complete (RFC 9559, 5.1); true where it does not say how long it is."""
    for _ in range(2):  # the EBML header, and the segment
        file.seek(4, 1)
        first = file.read(1)
        more = 8 - first[0].bit_length() if first else 8
        length = int.from_bytes(first + file.read(more), "big") ^ 1 << 7 * (more + 1)
        begin = file.tell()
        file.seek(length if begin + length <= size else 0, 1)
    return begin + length <= size or length == (1 << 7 * (more + 1)) - 1  # all ones: unknown


def _properties(file: BinaryIO, size: int) -> bool:
    """Whether an ASF file (WMV) is as large as its header says, if it says so (ASF specification, 3.2)."""
    head = file.read(1 << 16)
    place = head.find(_FILE_PROPERTIES)
    return place < 0 or int.from_bytes(head[place + 40 : place + 48], "little") <= size


def _pages(file: BinaryIO, size: int) -> bool:
    """Whether the last page of an Ogg file is complete, and marked as the last of its stream (RFC 3533, 6)."""
    file.seek(max(0, size - _LARGEST_PAGE))
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    return len(page) > 27 and bool(page[5] & 4) and len(page) >= 27 + page[26] + sum(page[27 : 27 + page[26]])


def _raw_pictures(file: BinaryIO, size: int) -> bool:
    """Whether the last picture of a YUV4MPEG2 file is complete: all are as long as the first."""
    header, head = file.readline(_LINE), file.readline(_LINE)
    about = {word[:1]: word[1:].decode(errors="replace") for word in header.split()[1:]}
    width, height, kind = about.get(b"W", ""), about.get(b"H", ""), about.get(b"C", "420")
    if head != b"FRAME\n" or kind not in _SHARES or not (width + height).isdecimal():  # more parameters, or another kind: unknown
        return True
    across, down = _SHARES[kind]
    length = int(width) * int(height) + 2 * -(-int(width) // across) * -(-int(height) // down)
    return (size - len(header)) % (len(head) + length) == 0


def _dv_frames(file: BinaryIO, size: int) -> bool:
    """Whether raw DV ends with a complete frame: all have the same length, which one bit gives (IEC 61834-2, 11.4)."""
    head = file.read(4)
    return len(head) == 4 and size % (144_000 if head[3] & 0x80 else 120_000) == 0


def _tags(file: BinaryIO, size: int) -> bool:
    """Whether an FLV ends with a complete tag (Adobe's Video File Format 10.1, E.3), and has any size that its first tag gives."""
    head = file.read(_LINE)
    place = head.find(_FILE_SIZE)
    if place >= 0 and struct.unpack(">d", head[place + len(_FILE_SIZE) :][:8].ljust(8, b"\0"))[0] > size:
        return False
    end = int.from_bytes(head[5:9], "big") + 4
    while end < size:
        file.seek(end)
        tag = file.read(4)
        if tag[0] & 0x1F not in (8, 9, 18):  # sound, picture, data
            return True
        end += 11 + int.from_bytes(tag[1:].ljust(3, b"\xff"), "big") + 4
    return end <= size


def _chunks(file: BinaryIO, size: int) -> bool:
    """Whether the chunks of an animated PNG lead to its end mark (W3C's PNG specification, 5.3)."""
    end, kind = 8, b""
    while end < size and kind != b"IEND":
        file.seek(end)
        length, kind = struct.unpack(">I4s", file.read(8).ljust(8, b"\0"))
        end += 12 + length
    return kind == b"IEND" and end <= size


def _lists(file: BinaryIO, size: int) -> bool:
    """Whether an AVI is as long as the lists that it consists of (RIFF); some programs count the 8 bytes before a list, too."""
    end = 0
    while end < size:
        file.seek(end)
        kind, length = struct.unpack("<4sI", file.read(8).ljust(8, b"\0"))
        if kind != b"RIFF":  # no list, such as the zeros of a recorder
            return True
        end += 8 + length + length % 2
    return end - 8 <= size


def _jpegs(file: BinaryIO, size: int) -> bool:
    """Whether the last of many JPEGs has its end marker."""
    file.seek(max(0, size - _LARGEST_PAGE))
    tail = file.read()
    return tail.rfind(b"\xff\xd9") > tail.rfind(b"\xff\xd8\xff")


_CHECKS: dict[str, Callable[[BinaryIO, int], bool]] = {
    "mov": _boxes,
    "gif": _blocks,
    "apng": _chunks,
    "avi": _lists,
    "flv": _tags,
    "mjpeg": _jpegs,
    "jpeg_pipe": _jpegs,
    "mpegts": _packets,
    "matroska": _segment,
    "asf": _properties,
    "ogg": _pages,
    "yuv4mpegpipe": _raw_pictures,
    "dv": _dv_frames,
}
