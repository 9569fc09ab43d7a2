"""Clips for the tests of the page."""

import pytest
from video.conftest import ffmpeg  # noqa: F401 (a fixture)

import posekit


@pytest.fixture(scope="session")
def short_clip(ffmpeg, tmp_path_factory):  # noqa: F811 (it is the fixture above)
    """The first second of the sample `squats`, as bytes."""
    path = tmp_path_factory.mktemp("clips") / "short.mp4"
    ffmpeg("-i", posekit.sample("squats"), "-t 1 -c:v libx264 -pix_fmt yuv420p", path)
    return path.read_bytes()
