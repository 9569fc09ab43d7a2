import pytest
from motion_clips import true_tracks


@pytest.fixture(scope="session")
def squats():
    """The table of true tracks of the rendered squats, and their truth."""
    return true_tracks("squats")
