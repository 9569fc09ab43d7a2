"""The kernel's half of LivePose, by the messages that a browser sends; tests/browser/test_live.py has the other half."""

import threading
import time

import ipywebrtc
import numpy as np
import pytest
import traitlets
from track.test_live import SIZE, WHOLE, jpeg

import posekit
from posekit.widgets.backend import Backend
from posekit.widgets.live_pose import LivePose


class Browser:
    """A tab that shows a LivePose: answers of the channel are in `got`, orders of the widget in `told`."""

    def __init__(self, live, monkeypatch, client="tab"):
        self.live, self.client = live, client
        self.got, self.told = [], []
        monkeypatch.setattr(live._channel, "send", lambda content, buffers=(): self.got.append(content))
        monkeypatch.setattr(live, "send", lambda content, buffers=(): self.told.append(content))

    def send(self, kind, *buffers, **content):
        data = {"method": "custom", "content": {"kind": kind, "client": self.client, **content}}
        self.live._channel._handle_msg({"content": {"data": data}, "buffers": [memoryview(each) for each in buffers]})
        return self.got[-1] if self.got else None

    def start(self):
        self.send("status", status="opening", error="")
        self.send("status", status="live", error="")

    def frame(self, image, seq=1, when=0.0, **more):
        request = {"region": WHOLE, "size": list(SIZE), "time": when, "seq": seq, "stats": None} | more
        return self.send("frame", jpeg(image, request["region"], 192), **request)

    def frames(self, image, count=4):
        """A person is somebody who is seen from afar, then in a close-up."""
        region = WHOLE
        for seq in range(1, count + 1):
            answer = self.frame(image, seq, seq / 30, region=region)
            region = answer["region"] or WHOLE
        return answer


@pytest.fixture
def stream():
    return ipywebrtc.CameraStream(constraints={"audio": False, "video": True})


@pytest.fixture
def live(stream):
    live = LivePose(stream)
    yield live
    live.close()


@pytest.fixture
def browser(live, monkeypatch):
    return Browser(live, monkeypatch)


def test_it_is_public_and_says_what_it_is(live):
    assert posekit.LivePose is LivePose
    assert repr(live) == "LivePose(lightning, ready, 0 frames)"
    assert live._repr_mimebundle_()[0]["text/plain"] == repr(live)
    assert (live.frames, live.status, live.error, len(live.poses), live.region) == (0, "ready", "", 0, None)
    assert np.isnan(live.latency_ms)


def test_options_are_checked(stream):
    with pytest.raises(TypeError, match="treshold"):
        LivePose(stream, treshold=0.5)
    with pytest.raises(posekit.UnknownModelError, match="lightening"):
        LivePose(stream, "lightening")
    with pytest.raises(traitlets.TraitError, match="threshold"):
        LivePose(stream, threshold=1.5)
    with pytest.raises(posekit.PosekitError, match="there is no clip 'a camera'"):
        LivePose("a camera")


def test_it_has_a_layout_and_help_for_each_trait(stream):
    live = LivePose(stream, layout={"width": "300px"})
    assert live.layout.width == "300px"
    own = LivePose.class_own_traits() | Backend.class_own_traits()
    public = {name: trait for name, trait in own.items() if not name.startswith("_")}
    assert len(public) == 15
    assert all(trait.help for trait in public.values())
    for name, value in {"threshold": -0.1, "mirror": "no", "frames": -1, "fps": -1.0}.items():
        with pytest.raises(traitlets.TraitError):
            setattr(live, name, value)


def test_a_clip_becomes_a_stream_that_is_closed_with_the_widget(stream):
    live = LivePose(posekit.sample("squats"))
    clip = live.stream
    assert isinstance(clip, ipywebrtc.VideoStream)
    live.close()
    assert clip.comm is None
    live = LivePose(stream)
    live.close()
    assert stream.comm is not None, "it is the caller's"


def test_a_clip_goes_to_a_browser_that_did_not_get_it_with_the_stream(monkeypatch):
    live = LivePose(posekit.sample("squats"))
    sent = []
    monkeypatch.setattr(live._channel, "send", lambda content, buffers=(): sent.append((content, *buffers)))
    data = {"method": "custom", "content": {"kind": "clip", "client": "tab"}}
    live._channel._handle_msg({"content": {"data": data}, "buffers": []})
    live.close()
    assert [content for content, _ in sent] == [{"kind": "clip", "client": "tab", "left": i} for i in reversed(range(len(sent)))]
    assert b"".join(piece for _, piece in sent) == posekit.sample("squats").read_bytes()


def test_a_camera_that_faces_the_user_is_a_mirror(stream):
    selfie = ipywebrtc.CameraStream.facing_user(audio=False)
    world = ipywebrtc.CameraStream.facing_environment(audio=False)
    assert [LivePose(each).mirror for each in (selfie, world, stream)] == [True, False, False]
    assert LivePose(selfie, mirror=False).mirror is False


def test_frames_are_answered_with_points_and_the_next_region(live, browser, person, person_xy):
    browser.start()
    answer = browser.frames(person)
    assert (answer["kind"], answer["client"], answer["seq"], answer["side"]) == ("answer", "tab", 4, 192)
    assert np.linalg.norm(np.array(answer["people"])[0, :, :2] - person_xy, axis=1).mean() < 8
    assert answer["ids"] == [1]
    assert (live.frames, len(live.poses), live.poses.size) == (4, 1, SIZE)
    assert [live.region.x, live.region.y, live.region.side] == answer["region"]


def test_what_the_browser_measures_is_seen_in_python(live, browser, person):
    browser.start()
    browser.frame(person, stats={"fps": 29, "latency_ms": 31.5, "p95_ms": 50, "bytes": 6000, "dropped": 2})
    assert (live.fps, live.latency_ms, live.stats["dropped"]) == (29, 31.5, 2)
    browser.frame(person, seq=2, when=0.1)
    assert live.fps == 29  # no news is not zero


def test_a_browser_that_comes_later_is_told_to_start(live, browser):
    assert browser.send("hello", number=3) == {"kind": "welcome", "client": "tab", "number": 3, "start": False}
    live.start()
    assert browser.told[-1] == {"kind": "start"}  # for those who listen already
    assert browser.send("hello")["start"] is True
    browser.start()
    assert (live.status, browser.send("hello")["start"]) == ("live", False)  # once
    live.stop()
    assert browser.told[-1] == {"kind": "stop"}


def test_status_and_error_come_from_the_browser(live, browser):
    browser.start()
    browser.send("status", status="failed", error="The camera was refused.")
    assert (live.status, live.error) == ("failed", "The camera was refused.")
    browser.start()
    assert (live.status, live.error) == ("live", "")


def test_everybody_who_listens_gets_the_poses(live, browser, person):
    got = []
    live.on_pose(got.append)
    live.on_pose(lambda poses: got.append(len(poses)))
    browser.start()
    browser.frames(person)
    assert len(got) == 8
    assert [len(poses) for poses in got[::2]] == got[1::2] == [0, 1, 1, 1]
    assert got[-2] is live.poses


def test_an_error_of_a_listener_is_shown_and_the_picture_goes_on(live, browser, person):
    got = []
    live.on_pose(lambda poses: 1 / 0)
    live.on_pose(got.append)
    browser.start()
    browser.frame(person)
    assert [each["kind"] for each in browser.got] == ["answer", "error"]
    assert live.error == browser.got[-1]["text"] == "on_pose(<lambda>) raised ZeroDivisionError: division by zero"
    browser.frame(person, seq=2, when=0.1)
    assert (live.frames, len(got)) == (2, 2), "the other listener goes on"


def test_a_bad_frame_is_an_error_with_its_number(live, browser, person):
    browser.start()
    browser.send("frame", b"no jpeg", region=WHOLE, size=[640, 480], time=0, seq=7, stats=None)
    assert browser.got[-1] == {"kind": "error", "client": "tab", "seq": 7, "text": live.error}
    assert "not a JPEG" in live.error
    browser.send("frame", seq=8)  # nothing at all
    assert browser.got[-1]["seq"] == 8
    browser.send("nonsense")
    assert "nonsense" in browser.got[-1]["text"]
    assert browser.frame(person, seq=9)["kind"] == "answer"


def test_the_tab_that_starts_last_is_the_one(live, browser, person, monkeypatch):
    """A notebook that is open twice: two tabs' frames must not mix."""
    browser.start()
    other = Browser(live, monkeypatch, "other")
    other.start()
    assert other.got == [{"kind": "stop", "client": "tab"}]
    browser.got = other.got
    browser.send("status", status="stopped", error="")
    assert live.status == "live"
    browser.frame(person)
    assert live.frames == 0
    other.frame(person)
    assert live.frames == 1


def test_the_model_can_be_changed(live, browser, person):
    browser.start()
    live.model = "thunder"
    assert browser.told == [{"kind": "loading", "model": "thunder"}, {"kind": "loading", "model": ""}]
    answer = browser.frame(person, side=192)  # one of the old size was under way
    assert (answer["kind"], answer["side"], answer["people"]) == ("answer", 256, [])
    browser.send("frame", jpeg(person, WHOLE, 256), region=WHOLE, size=[640, 480], time=1, seq=2, side=256)
    assert browser.got[-1]["kind"] == "answer"


def test_a_model_that_cannot_be_loaded_leaves_the_old_one(live, browser, person):
    browser.start()
    live.model = "lightening"
    assert live.model == "lightning"
    assert "lightening" in live.error
    assert browser.told[1] == {"kind": "error", "text": live.error}
    assert browser.frame(person)["kind"] == "answer"


def test_of_two_models_chosen_at_once_the_last_one_runs(live, browser, monkeypatch):
    """Thunder takes long to load; in the meantime Lightning and then Crowd are chosen, from other threads."""
    loading, go_on, loaded = threading.Event(), threading.Event(), []

    def load(name):
        loading.set()
        assert go_on.wait(60)
        loaded.append(name)
        return live._live.model

    monkeypatch.setattr("posekit.widgets.live_pose.load_model", load)
    threads = [speak(lambda: setattr(live, "model", "thunder"))]
    assert loading.wait(60)
    for name in ("lightning", "crowd"):
        threads.append(speak(lambda name=name: setattr(live, "model", name)))
        eventually(lambda name=name: live._chosen == name)
    go_on.set()
    for thread in threads:
        thread.join(60)
    assert loaded == ["thunder", "crowd"], "Lightning was given up before it was loaded"
    assert live.model == live._loaded == "crowd"
    assert browser.told[-1] == {"kind": "loading", "model": ""}


def test_a_model_that_fails_does_not_undo_the_one_chosen_meanwhile(live, browser, monkeypatch):
    loading, go_on = threading.Event(), threading.Event()

    def load(name):
        if name == "thunder":
            loading.set()
            assert go_on.wait(60)
            raise posekit.DownloadError("no network")
        return live._live.model

    monkeypatch.setattr("posekit.widgets.live_pose.load_model", load)
    threads = [speak(lambda: setattr(live, "model", "thunder"))]
    assert loading.wait(60)
    threads.append(speak(lambda: setattr(live, "model", "crowd")))
    eventually(lambda: live._chosen == "crowd")
    go_on.set()
    for thread in threads:
        thread.join(60)
    assert live.model == live._loaded == "crowd"
    assert live.error == "no network"


def test_smoothing_reaches_the_tracker(live, browser, person):
    browser.start()
    for smooth in (True, False):
        live.smooth = smooth
        browser.frame(person)
        assert live._live.smooth is smooth


def eventually(true):
    """Waits until `true()`, for a minute at most."""
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


def speak(*messages):
    """Sends messages from another thread, as ipykernel 7 brings them in."""
    thread = threading.Thread(target=lambda: [each() for each in messages])
    thread.start()
    return thread


@pytest.mark.slow
def test_a_recording_is_a_table_of_the_tracks(live, browser, person):
    speak(browser.start, lambda: browser.frames(person)).join()
    done = threading.Event()

    def frames():
        region = browser.got[-1]["region"]
        for seq in range(5, 1000):
            if done.wait(0.01):
                return
            region = browser.frame(person, seq, seq / 30, region=region)["region"] or WHOLE

    thread = speak(frames)
    table = live.record(0.5)
    done.set()
    thread.join()
    assert list(table.columns) == ["frame", "time", "id", "person", "keypoint", "x", "y", "score"]
    assert table.time.min() >= 0
    assert table.frame.nunique() >= 2
    assert set(table.id) == {1}
    assert table.equals(live.recording)
    assert [each for each in browser.told if each["kind"] == "record"] == [
        {"kind": "record", "on": True},
        {"kind": "record", "on": False},
    ]


def test_the_widgets_button_records_too_and_ends_pythons_recording(live, browser, person):
    presses = [
        lambda: browser.send("record", on=True),
        lambda: browser.frame(person, 5, 1.0),
        lambda: browser.frame(person, 6, 1.1),
    ]
    presses += [lambda: browser.send("record", on=False), lambda: browser.frame(person, 7, 1.2)]
    speak(browser.start, lambda: browser.frames(person), *presses).join()
    assert live.recording.frame.max() == 1
    assert live.recording.time.max() == pytest.approx(0.1)
    thread = speak(lambda: time.sleep(0.2), lambda: browser.send("record", on=False))
    start = time.monotonic()
    with pytest.raises(posekit.PosekitError, match="no frame arrived"):
        live.record(60)
    assert time.monotonic() - start < 30
    thread.join()


def test_a_recording_needs_a_live_picture_and_a_length(live, browser):
    with pytest.raises(posekit.PosekitError, match="it is ready: show the widget and press its Start"):
        live.record(1)
    browser.start()
    for seconds in (0, -1, 601, float("nan")):
        with pytest.raises(posekit.PosekitError, match="0 to 600 seconds"):
            live.record(seconds)
    assert live.recording.empty
    speak(browser.start).join()
    with pytest.raises(posekit.PosekitError, match=r"no frame arrived within 0\.1 seconds.*record with the widget's button"):
        live.record(0.1)


def test_a_snapshot_is_the_picture_and_its_poses(live, browser, person, person_xy):
    with pytest.raises(posekit.PosekitError, match="needs a live picture"):
        live.snapshot()
    speak(browser.start).join()
    content = (posekit.sample("person")).read_bytes()

    def answer():
        while not (asked := [each for each in browser.told if each["kind"] == "snapshot"]):
            time.sleep(0.01)
        browser.send("snapshot", content, request=asked[0]["request"])

    thread = speak(answer)
    image, poses = live.snapshot()
    thread.join()
    assert np.array_equal(image, person)
    assert np.linalg.norm(poses.xy[0] - person_xy, axis=1).mean() < 8


def test_a_closed_widget_takes_no_more_frames(live, browser, person):
    browser.start()
    browser.frame(person)
    live.close()
    assert live.status == "closed"
    browser.frame(person, seq=2, when=0.1)
    browser.send("status", status="stopped", error="")
    assert (live.frames, live.status) == (1, "closed")
    live.close()  # twice is fine


@pytest.mark.slow
def test_frames_from_two_threads_do_not_mix(live, browser, person):
    """A kernel may hand messages to several threads, while somebody stops, starts and changes the widget."""
    browser.start()
    threads = [speak(*[lambda n=n, i=i: browser.frame(person, n * 10 + i, 1 + i / 30) for i in range(5)]) for n in range(4)]
    for smooth in (False, True, False):
        live.smooth = smooth
    for thread in threads:
        thread.join()
    assert live.frames + sum(each["kind"] == "error" for each in browser.got) == 20
    assert live.error == ""
