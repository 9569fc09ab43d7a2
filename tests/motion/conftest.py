from functools import cache

import pytest
from motion_clips import true_tracks

import posekit


@pytest.fixture(scope="session")
def squats():
    """The table of true tracks of the rendered squats, and their truth."""
    return true_tracks("squats")


@pytest.fixture(scope="session")
def tracked(thunder):
    """`tracked(name)`: the table of a sample clip's tracks, as Thunder finds them; each clip is tracked once."""
    return cache(lambda name: posekit.track_video(posekit.sample(name), model=thunder, progress=False))
