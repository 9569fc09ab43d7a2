"""The kernel's half of a model in the browser: points that come late, or twice, and the files that the browser asks for."""

import gzip

import ipywebrtc
import numpy as np
import pytest
from widgets.test_live_pose import Browser

import posekit
from posekit import PosekitError
from posekit.estimate.in_browser import browser_model
from posekit.models import download
from posekit.widgets.live_pose import LivePose


@pytest.fixture
def live():
    live = LivePose(ipywebrtc.CameraStream(constraints={"audio": False, "video": True}), exercise="squat", backend="browser")
    yield live
    live.close()


@pytest.fixture
def browser(live, monkeypatch):
    browser = Browser(live, monkeypatch)
    browser.start()
    return browser


def points(seq, count=1, **more):
    """A frame as the browser reports it."""
    person = [[100.0 + i, 200.0 + seq, 0.9] for i in range(17)]
    found = {
        "people": [person] * count,
        "ids": [1] * count,
        "boxes": [[100, 200, 117, 220]] * count,
        "confidences": [0.8] * count,
    }
    return {"seq": seq, "time": seq / 30, "size": [640, 480], "region": [10, 20, 300], "stats": None, **found, **more}


@pytest.mark.slow
def test_the_points_become_poses_as_those_of_the_kernel(live, browser):
    seen = []
    live.on_pose(seen.append)
    answer = browser.send("points", frames=[points(1), points(2, count=0), points(3)])
    assert (answer["kind"], answer["seq"]) == ("received", 3)
    assert [len(poses) for poses in seen] == [1, 0, 1]
    assert live.frames == 3
    assert live.poses.id.tolist() == [1]
    assert live.poses.size == (640, 480)
    np.testing.assert_allclose(live.poses.xy[0, 0], [100, 203])
    np.testing.assert_allclose(live.poses.confidence, 0.8)
    assert live.region == posekit.image.Region(10, 20, 300)


@pytest.mark.slow
def test_what_comes_twice_counts_once(live, browser):
    browser.send("points", frames=[points(1), points(2)])
    assert browser.send("points", frames=[points(1), points(2), points(3)])["seq"] == 3
    assert live.frames == 3


def test_a_recording_has_all_points_that_came_between_its_start_and_its_end(live, browser):
    browser.send("points", frames=[points(1)])
    browser.send("record", on=True)
    browser.send("points", frames=[points(seq) for seq in range(2, 40)])
    browser.send("record", on=False)
    browser.send("points", frames=[points(40)])
    assert live.recording["frame"].nunique() == 38


def test_the_kernel_counts_and_says_so(live, browser):
    movement = browser.send("points", frames=[points(1)])["movement"]
    assert (movement["exercise"], movement["count"]) == ("squat", 0)


def test_the_points_of_a_tab_that_another_took_over_from_are_dropped(live, browser, monkeypatch):
    second = Browser(live, monkeypatch, client="second")
    second.start()
    browser.send("points", frames=[points(1)])
    assert live.frames == 0
    second.send("points", frames=[points(1)])
    assert live.frames == 1


@pytest.mark.parametrize(
    "more", [{"size": [0, 480]}, {"people": [[[float("nan")] * 3] * 17]}, {"boxes": []}, {"ids": ["a"]}, {"region": [1]}]
)
def test_invalid_points_are_an_error_in_words(live, browser, more):
    assert "the points of a frame" in browser.send("points", frames=[points(1, **more)])["text"]
    assert live.error
    assert live.frames == 0


@pytest.mark.slow
def test_a_browser_gets_a_model_in_pieces(live, browser):
    about = browser.send("model", name="lightning")["about"]
    assert about == browser_model("lightning").about
    pieces = []
    send = live._channel.send
    live._channel.send = lambda content, buffers=(): (send(content), pieces.extend(buffers))
    assert browser.send("file", name=about["files"]["model"]["sha256"])["left"] == 0
    assert len(pieces) > 1
    assert download.sha256(gzip.decompress(b"".join(pieces))) == about["files"]["model"]["sha256"]
    assert browser.send("file", name="0" * 64)["text"] == "There is no such file."
    assert "crowd cannot run in the browser" in browser.send("model", name="crowd")["text"]


@pytest.mark.parametrize(("options", "words"), [
    ({"backend": "cloud"}, "backend is 'auto', 'kernel' or 'browser', not 'cloud'"),
    ({"backend": "browser", "model": "crowd"}, "crowd cannot run in the browser"),
])  # fmt: skip
def test_a_backend_that_cannot_be_had_is_refused_at_once(options, words):
    with pytest.raises(PosekitError, match=words):
        LivePose(ipywebrtc.CameraStream(constraints={"video": True}), **options)
