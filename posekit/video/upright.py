"""Upright RGB frames in their true proportions: the display matrix of a clip, and the aspect of its pixels."""

from __future__ import annotations

import math
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from posekit.errors import VideoError, require
from posekit.image import RGB


def to_rgb(frame: Any, path: Path) -> RGB:
    """The picture of a decoded frame, as it is stored.

    Raises:
        VideoError: FFmpeg cannot convert its colours, such as YCgCo.
    """
    try:
        picture: RGB = frame.to_ndarray(format="rgb24")
    except (require("av", extra="video").error.FFmpegError, OSError) as error:
        colors = f"{frame.format.name}, matrix {int(frame.colorspace)} of ITU-T H.273"
        why = f"{path} has colours that FFmpeg cannot convert to RGB ({colors})"
        raise VideoError(f"{why}; export it in the usual ones (BT.709)") from error
    return picture


def pixel_aspect(stream: Any, matrix: tuple[int, ...] | None) -> Fraction:
    """A pixel's width divided by its height, after turning."""
    aspect = Fraction(stream.sample_aspect_ratio or 1)
    if aspect <= 0:
        return Fraction(1)
    return 1 / aspect if matrix is not None and _lies(matrix) else aspect


def display_matrix(frame: Any) -> tuple[int, ...] | None:
    """The first four numbers (a, b, c, d) of the frame's display matrix: x' = a·x + c·y, y' = b·x + d·y (ISO 14496-12, 8.3.2)."""
    try:
        side_data = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:  # the frame has other side data, such as Exif, of a kind that this PyAV does not know
        turn = math.radians(frame.rotation)
        a, b = round(65536 * math.cos(turn)), round(-65536 * math.sin(turn))
        return a, b, -b, a
    if side_data is None:
        return None
    a, b, _, c, d, *_ = struct.unpack("9i", bytes(side_data))
    return a, b, c, d


def off_angle(matrix: tuple[int, ...] | None) -> int:
    """By how many degrees the matrix turns, where that is not a multiple of 90; else 0."""
    angle = 0 if matrix is None else round(math.degrees(math.atan2(-matrix[1], matrix[0])))
    return abs(angle) if angle % 90 else 0


def _lies(matrix: tuple[int, ...]) -> bool:
    """Whether the matrix swaps width and height."""
    a, b, c, d = matrix
    return abs(b) + abs(c) > abs(a) + abs(d)


def upright(frame: RGB, matrix: tuple[int, ...] | None) -> RGB:
    """Turns and mirrors a frame by its matrix, to the nearest right angle."""
    if matrix is None:
        return frame
    a, b, c, d = matrix
    if _lies(matrix):
        frame, x, y = np.asarray(cv2.transpose(frame), np.uint8), c, b
    else:
        x, y = a, d
    if x >= 0 and y >= 0:
        return frame
    return np.asarray(cv2.flip(frame, -1 if x < 0 and y < 0 else 1 if x < 0 else 0), np.uint8)
