"""Other pose estimators as functions picture → `Poses`, for `compare`: each from its own package, with its own defaults."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posekit import models
from posekit.errors import PosekitError
from posekit.evaluation.predict import Model
from posekit.image import RGB
from posekit.pose import Poses
from posekit.progress import say

#: The last version with the "solutions" API, whose wheel contains the full model.
MEDIAPIPE = "mediapipe==0.10.21"

#: The Python versions for which this version has wheels.
MEDIAPIPE_PYTHONS = ("python3.12", "python3.11", "python3.10", "python3.9")

#: COCO's 17 keypoints among BlazePose's 33 landmarks (developers.google.com/mediapipe, "Pose landmarker model").
BLAZEPOSE = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)

_MEDIAPIPE_FILES = ("pose_detection/pose_detection.tflite", "pose_landmark/pose_landmark_full.tflite")


class MediaPipe:
    """MediaPipe's full model on single pictures, in its own process and environment, since it pins old packages.

    The environment is created if it is missing, which downloads about 300 MB.

    Args:
        python: the interpreter of an environment that already has MediaPipe.

    Raises:
        PosekitError: there is no Python that MediaPipe runs on, or it cannot be installed.

    Attributes:
        megabytes: the size of the two files that it runs, the detector and the full landmarks model; NaN if they are not found.
    """

    name = "mediapipe"

    def __init__(self, python: Path | None = None) -> None:
        worker = Path(__file__).with_name("mediapipe_worker.py")
        python = Path(python or mediapipe_python())
        self.megabytes = _megabytes(python)
        command = [str(python), "-u", str(worker)]
        self._process = subprocess.Popen(  # noqa: S603 (our own file)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def __call__(self, image: RGB) -> Poses:
        """Finds at most one person, with MediaPipe's visibilities as scores and their mean as confidence.

        Raises:
            PosekitError: MediaPipe has stopped.
        """
        assert self._process.stdin
        assert self._process.stdout
        height, width = image.shape[:2]
        try:
            self._process.stdin.write(f"{height} {width}\n".encode() + image.tobytes())
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # then there is no answer, either
        if not (line := self._process.stdout.readline()):
            raise PosekitError(f"MediaPipe stopped with exit code {self._process.wait()}: does its environment have {MEDIAPIPE}?")
        points = json.loads(line)
        people = np.array([points] if points else []).reshape(-1, 33, 3)[:, BLAZEPOSE] * (width, height, 1)
        return _poses(people, (width, height))

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()


def mediapipe_python() -> Path:
    """The Python interpreter of an environment with MediaPipe, which is created beside the models if it is missing.

    Raises:
        PosekitError: there is no Python that MediaPipe runs on, or it cannot be installed.
    """
    place = models.folder() / MEDIAPIPE.replace("==", "-")
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    whole = place / "whole"  # written last, so that an interrupted installation is redone
    if not whole.exists():
        here = f"python{sys.version_info.major}.{sys.version_info.minor}"
        base = sys.executable if here in MEDIAPIPE_PYTHONS else next(filter(None, map(shutil.which, MEDIAPIPE_PYTHONS)), None)
        if not base:
            raise PosekitError(f"{MEDIAPIPE} needs one of {', '.join(MEDIAPIPE_PYTHONS)}, and none of them is installed")
        say(f"posekit: installing {MEDIAPIPE} into {place}, about 1 GB; delete that folder when you no longer need it")
        _run(base, "-m", "venv", "--clear", str(place))
        _run(str(python), "-m", "pip", "install", "-q", MEDIAPIPE)
        whole.touch()
    return python


def _megabytes(python: Path) -> float:
    places = [
        place for lib in ("lib/python*", "Lib") for place in python.parent.parent.glob(f"{lib}/site-packages/mediapipe/modules")
    ]
    parts = [place / part for place in places[:1] for part in _MEDIAPIPE_FILES]
    return sum(part.stat().st_size / 1e6 if part.is_file() else float("nan") for part in parts) if parts else float("nan")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (Python itself, with fixed arguments)
    if done.returncode:
        raise PosekitError(f"{' '.join(command[1:])} failed: {(done.stderr or done.stdout).strip()[-500:]}")


def ultralytics(model: Any) -> Model:
    """Wraps a pose model of Ultralytics, such as `YOLO("yolo11n-pose.pt")`; you must have installed its package."""

    def answer(image: RGB) -> Poses:
        (found,) = model(np.ascontiguousarray(image[..., ::-1]), verbose=False)  # it takes BGR
        return _poses(found.keypoints.data.cpu().numpy().reshape(-1, 17, 3), (image.shape[1], image.shape[0]))

    answer.__name__ = "ultralytics"
    return answer


def rtmlib(model: Any) -> Model:
    """Wraps a model of rtmlib for COCO's 17 keypoints, such as `Body()`; you must have installed its package."""

    def answer(image: RGB) -> Poses:
        xy, score = model(np.ascontiguousarray(image[..., ::-1]))  # it takes BGR
        return _poses(np.concatenate([xy, score[..., None]], axis=-1).reshape(-1, 17, 3), (image.shape[1], image.shape[0]))

    answer.__name__ = "rtmlib"
    return answer


def _poses(people: NDArray[np.floating], size: tuple[int, int]) -> Poses:
    """`Poses` from (n, 17, 3) x, y in pixels and score; a person's confidence is the mean score."""
    xy, score = people[..., :2].astype(np.float32), people[..., 2].astype(np.float32)
    box = np.concatenate([xy.min(axis=1), xy.max(axis=1)], axis=1)
    order = np.argsort(-score.mean(axis=1), kind="stable")
    return Poses(xy[order], score[order], box[order], score.mean(axis=1)[order], size)
