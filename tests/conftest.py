"""Real parts for all tests: the models (fetched once, kept in models/), the sample person, whose joints are known exactly."""

import dataclasses
import importlib
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from ffmpeg_program import FFmpeg

import posekit

ROOT = Path(__file__).parents[1]

#: Photos beside the repository, where somebody put them. Tests that use them skip where they are missing.
SHARED = ROOT.parent / "shared" / "data"


# As in a terminal, also where the tests run in the background: what is ignored there would be ignored in every program they start.
for _name in ("SIGINT", "SIGHUP"):
    if hasattr(signal, _name) and signal.getsignal(getattr(signal, _name)) is signal.SIG_IGN:
        signal.signal(getattr(signal, _name), signal.default_int_handler if _name == "SIGINT" else signal.SIG_DFL)


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def project():
    """What pyproject.toml says."""
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    return toml.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="session", autouse=True)
def models_are_here():
    """Fetches all three at the start: what the page offers depends on them, but must not depend on which tests ran before."""
    posekit.models.fetch_several(["lightning", "thunder", "multipose"])


@pytest.fixture(scope="session")
def lightning():
    return posekit.load_model("lightning")


@pytest.fixture(scope="session")
def thunder():
    return posekit.load_model("thunder")


@pytest.fixture(scope="session")
def multipose():
    return posekit.load_model("multipose")


@pytest.fixture(scope="session")
def person():
    """The rendered person, who waves, as RGB."""
    return posekit.read_image(posekit.sample("person"))


@pytest.fixture(scope="session")
def person_xy():
    """Where the rendered person's joints are: (17, 2)."""
    return np.array(posekit.ground_truth("person")["people"][0]["xy"][0])


@pytest.fixture
def waving(person_xy):
    """The rendered person as `Poses`, from the truth; every score is 0.9."""
    xy = person_xy[None].astype(np.float32)
    box = np.concatenate([xy.min(axis=1), xy.max(axis=1)], axis=1)
    return posekit.Poses(xy, np.full((1, 17), 0.9, np.float32), box, np.array([0.9], np.float32), (640, 480))


@pytest.fixture
def unsure():
    """`unsure(poses, "left_elbow", 0.2)`: the same poses with another score of one keypoint."""

    def change(poses, keypoint, value):
        score = poses.score.copy()
        score[:, posekit.pose.INDEX[keypoint]] = value
        return dataclasses.replace(poses, score=score)

    return change


@pytest.fixture(scope="session")
def ffmpeg():
    return FFmpeg(pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe())


@pytest.fixture(scope="session")
def shared():
    if not SHARED.is_dir():
        pytest.skip("needs the photos of ../shared/data, which are not part of the repository")
    return SHARED


class Clock:
    """Seconds that a test sets: `clock.now += 10`."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()
