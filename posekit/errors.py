"""What can go wrong, by name. Every message says what was wrong, what was seen and what to do."""

from __future__ import annotations

import difflib
import importlib
from typing import Any


class PosekitError(ValueError):
    """Base of all errors that posekit raises on purpose."""


class ImageError(PosekitError):
    """A picture that cannot be read, or an array that is not one."""


class UnknownFormatError(ImageError):
    """A file that is no picture, or one of a format that is not read."""


class TooLargeError(ImageError):
    """A picture with more pixels than are allowed."""


class VideoError(PosekitError):
    """A clip that cannot be read or written."""


class UnknownModelError(PosekitError):
    """A model name that is not in the catalogue, or a file that is not MoveNet."""


class DownloadError(PosekitError):
    """A model that could not be fetched, or that is not the file it should be."""


class MissingExtraError(PosekitError, ImportError):
    """A package that is needed now and is not installed."""


def require(module: str, extra: str) -> Any:
    """Imports `module`, or says which extra of posekit brings it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name != package:
            raise  # installed, but something that it needs is not
        raise MissingExtraError(f'this needs {package}, which is not installed: pip install "posekit[{extra}]"') from None


def nearest(name: object, names: tuple[str, ...]) -> str:
    """What to write instead of `name`: the nearest of `names`, and all of them."""
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    guess = f"did you mean {close[0]!r}? " if close else ""
    return f"{guess}(there are: {', '.join(names)})"
