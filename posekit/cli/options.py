"""Options shared by several commands."""

from __future__ import annotations

import argparse
from pathlib import Path

from posekit.pose import THRESHOLD


def add_model(parser: argparse.ArgumentParser) -> None:
    """Adds `--model`."""
    text = "see `posekit models`; crowd; or a .tflite file; multipose and crowd find several people (default: lightning)"
    parser.add_argument("--model", default="lightning", help=text)


def add_threshold(parser: argparse.ArgumentParser) -> None:
    """Adds `--threshold`."""
    text = "draw keypoints over this score, 0 to 1 (default: %(default)s)"
    parser.add_argument("--threshold", type=score, default=THRESHOLD, metavar="SCORE", help=text)


def add_out(parser: argparse.ArgumentParser, what: str, *, default: Path | None = Path("out")) -> None:
    """Adds `--out`, the folder for `what`."""
    text = f"the folder for the {what}" + (f" (default: {default})" if default else "")
    parser.add_argument("--out", type=Path, default=default, metavar="FOLDER", help=text)


def add_overwrite(parser: argparse.ArgumentParser) -> None:
    """Adds `--overwrite`."""
    parser.add_argument("--overwrite", action="store_true", help="replace existing files")


def score(text: str) -> float:
    """Returns `text` as a number from 0 to 1.

    Raises:
        ValueError: it is not such a number; argparse reports it.
    """
    if not 0 <= (number := float(text)) <= 1:
        raise ValueError(text)
    return number
