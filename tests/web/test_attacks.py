"""Each attack for a moment, with a neighbour: figures of a quiet machine come from `web.attacks` itself."""

import sys

import pytest
from web import attacks

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only there all of 127.0.0.0/8 is this computer, and PSS is known"),
]


@pytest.mark.parametrize("name", attacks.ATTACKS)
def test_a_neighbour_has_the_page_photos_and_a_live_picture(name):
    for seconds in (3, 10, 30):  # on a busy machine nobody gets anything within three
        found = attacks.measure(name, seconds=seconds, rounds=1, settle=0)
        (visit,) = found["during"]
        print(attacks.line([visit]), found["memory"])
        if visit.page and visit.live:
            break
    assert visit.page
    assert visit.live
    assert visit.statuses <= {200, 503}  # a photo may be refused for the moment
    assert found["log"] == ""
