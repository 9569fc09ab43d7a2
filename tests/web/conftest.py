"""The page for its tests. Tests that need another one have their own `app` or `client`."""

import pytest
from serving import running

import posekit


@pytest.fixture(scope="module")
def app():
    with running() as app:
        yield app


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture(scope="session")
def short_clip(ffmpeg, tmp_path_factory):
    """The first second of the sample `squats`, as bytes."""
    path = tmp_path_factory.mktemp("clips") / "short.mp4"
    ffmpeg("-i", posekit.sample("squats"), "-t 1 -c:v libx264 -pix_fmt yuv420p", path)
    return path.read_bytes()
