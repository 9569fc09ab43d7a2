"""Encodes arrays as JPEG and PNG: the only place where RGB becomes OpenCV's BGR on output."""

from __future__ import annotations

import cv2

from posekit.image import RGB


def encode_jpeg(image: RGB, quality: int = 90) -> bytes:
    """`image`, (H, W, 3) uint8 RGB, as the content of a JPEG file; `quality` is 1…100."""
    return cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def encode_png(image: RGB) -> bytes:
    """`image`, (H, W, 3) uint8 RGB, as the content of a PNG file, which is lossless."""
    return cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()


def shrink(image: RGB, longest: int) -> RGB:
    """`image` with its longer side at most `longest` pixels; returned unchanged if it already is."""
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(image.dtype, copy=False)
