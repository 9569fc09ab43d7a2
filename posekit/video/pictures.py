"""Clips made of pictures: a folder, numbered files, or an animated WebP, read as `read_image` reads pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from posekit.errors import ImageError, VideoError
from posekit.image import RGB, read_image
from posekit.video.source import Source

_NUMBER = re.compile(r"%0?(\d*)d")


class PictureSource(Source):
    """Pictures as frames, 25 per second. Pictures that cannot be read are left out."""

    def __init__(self, files: list[Path]) -> None:
        super().__init__()
        self._files = files

    def count(self) -> int:
        """How many pictures there are."""
        return len(self._files)

    def timed(self) -> Iterator[tuple[float, RGB]]:
        """Iterates over (time, frame), each frame as large as the first one.

        Raises:
            VideoError: none of the pictures can be read.
        """
        self.notes.clear()
        count = 0
        for file in self._files:
            try:
                picture = read_image(file)
            except ImageError as error:
                self.note(f"left out: {error}")
                continue
            yield count / self.fps, self.fit(picture)
            count += 1
        if not count and self.notes:
            raise VideoError(f"none of the {len(self._files)} pictures can be read; {self.notes[0]}")


class WebPSource(Source):
    """An animated WebP, read by Pillow, since FFmpeg does not read these."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        with self._opened() as image:
            self._count = getattr(image, "n_frames", 1)
        seconds = sum(duration for duration, _ in self._pictures())
        self.fps = self._count / seconds

    def count(self) -> int:
        """How many frames there are."""
        return self._count

    def timed(self) -> Iterator[tuple[float, RGB]]:
        """Iterates over (time, frame); transparent parts are white."""
        time = 0.0
        for duration, image in self._pictures():
            yield time, read_image(image)
            time += duration

    def _pictures(self) -> Iterator[tuple[float, Image.Image]]:
        """The pictures, and how long each is shown in seconds; 10 ms or less means a tenth of a second, as in browsers."""
        with self._opened() as image:
            for number in range(self._count):
                try:
                    image.seek(number)
                    image.load()
                except (OSError, EOFError, SyntaxError) as error:
                    raise VideoError(f"{self.path} is damaged after {number} of {self._count} frames") from error
                milliseconds = image.info.get("duration", 0)
                yield (milliseconds if milliseconds > 10 else 100) / 1000, image

    def _opened(self) -> Image.Image:
        try:
            return Image.open(self.path, formats=["WEBP"])
        except (OSError, ValueError, SyntaxError) as error:
            raise VideoError(f"{self.path} is not a WebP picture that can be read") from error


def is_pattern(path: Path) -> bool:
    """Whether the name stands for numbered files, such as `%04d.png`."""
    return _NUMBER.search(path.name) is not None


def of_pattern(path: Path) -> list[Path]:
    """The files whose names have a number in place of `%d` or `%04d`, in the order of these numbers.

    Raises:
        VideoError: there are none, or there is no such folder.
    """
    if not path.parent.is_dir():
        raise VideoError(f"there is no folder {path.parent}")
    before, digits, after = _NUMBER.split(path.name, maxsplit=1)
    name = re.compile(f"{re.escape(before)}(\\d{{{digits or 1},}}){re.escape(after)}")
    found = [(int(match[1]), file) for file in path.parent.iterdir() if (match := name.fullmatch(file.name))]
    if not found:
        raise VideoError(f"there are no files {path}, where %d stands for a number")
    return [file for _, file in sorted(found)]
