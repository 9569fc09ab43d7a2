"""A clip for Chromium to play as the camera. Each frame carries its number, so that a test knows what a widget saw, and when."""

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

import posekit

#: Each frame has its number in the lower left corner as black and white blocks of this many pixels (JPEG works in 16×16, too):
#: eight bits, the highest first, then one that makes the number of white blocks odd. So a black picture has no number.
BLOCK = 16
BITS = 8


@dataclass(frozen=True)
class Clip:
    """A clip that Chromium can play as a camera, in a loop, at 30 frames per second.

    Attributes:
        path: JPEGs one after another, with the file name's ending that Chromium expects.
        xy: (frames, people, 17, 2) where the joints are, in pixels.
        size: (width, height).
    """

    path: Path
    xy: np.ndarray
    size: tuple[int, int]

    def number(self, image):
        """The frame's number, read from a picture (H, W, 3) of the whole frame in any size; -1 where there is none."""
        return read_number(image, self.size[0])


def make_clip(name, folder):
    """The clip of the sample `name` in `folder`."""
    truth = posekit.ground_truth(name)
    size = truth["width"], truth["height"]
    path = folder / f"{name}.mjpeg"
    with av.open(str(path), "w", format="mjpeg") as file:
        stream = file.add_stream("mjpeg", rate=30)
        stream.width, stream.height, stream.pix_fmt = *size, "yuvj420p"
        stream.options = {"qmin": "2", "qmax": "2"}
        for number, frame in enumerate(posekit.read_video(posekit.sample(name))):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(write_number(frame, number), format="rgb24")))
        file.mux(stream.encode(None))
    return Clip(path, np.stack([np.array(person["xy"]) for person in truth["people"]], axis=1), size)


def write_number(image, number):
    """A copy of `image` with `number` (0…255) in its lower left corner."""
    marked = image.copy()
    for i, bit in enumerate(_bits(number)):
        marked[-BLOCK:, i * BLOCK : (i + 1) * BLOCK] = 255 * bit
    return marked


def read_number(image, width=640):
    """What `write_number` wrote into a picture that was `width` pixels wide then, and may be scaled now; -1 where there is none."""
    block = BLOCK * image.shape[1] / width
    row = image[round(image.shape[0] - block * 0.7) : round(image.shape[0] - block * 0.3)].mean(axis=(0, 2))
    bits = [int(row[round((i + 0.3) * block) : round((i + 0.7) * block)].mean() > 127) for i in range(BITS + 1)]
    number = sum(bit << (BITS - 1 - i) for i, bit in enumerate(bits[:BITS]))
    return number if bits == _bits(number) else -1


def _bits(number):
    bits = [number >> i & 1 for i in reversed(range(BITS))]
    return [*bits, 1 - sum(bits) % 2]
