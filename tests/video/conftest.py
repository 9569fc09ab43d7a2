import pytest


@pytest.fixture(scope="session")
def base(ffmpeg, tmp_path_factory):
    """A second of 25 small pictures that have no symmetry, as H.264 with frames that refer to later ones."""
    path = tmp_path_factory.mktemp("base") / "base.mp4"
    ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=25:duration=1 -c:v libx264 -bf 2 -g 12 -pix_fmt yuv420p", path)
    return path
