"""LivePose in JupyterLab, with a clip as the camera whose joints are known: points, pixels, states, and what is left behind."""

import base64
import csv
import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import posekit
from browser.access import controls, faint_texts, sticks_out
from browser.conftest import VIEWPORT
from browser.lab import eventually
from posekit.pose.skeleton import KEYPOINTS, LOOK, side

#: Keeps every track that the page opens, so that a test can see the camera's light.
SPY = """
window.tracks = [];
const devices = navigator.mediaDevices;
const open = devices.getUserMedia.bind(devices);
devices.getUserMedia = async (wish) => {
  window.wishes = [...(window.wishes ?? []), wish];
  const stream = await open(wish);
  window.tracks.push(...stream.getTracks());
  return stream;
};
const clone = MediaStreamTrack.prototype.clone;
MediaStreamTrack.prototype.clone = function () {
  const track = clone.call(this);
  window.tracks.push(track);
  return track;
};
"""

CAMERA = """import ipywebrtc, posekit, time
camera = ipywebrtc.CameraStream(constraints={"audio": False, "video": {"width": 640, "height": 480}})
live = posekit.LivePose(camera, backend="kernel")
live"""


def opened(lab, page, *cells):
    """A notebook with the cells, the first of which has run."""
    page.add_init_script(SPY)
    notebook = lab.open([CAMERA, *cells], page)
    notebook.run(0)
    widget(notebook).get_by_role("button", name="Start").wait_for()
    return notebook


@pytest.fixture(scope="module")
def kept(lab, shared_page):
    """A notebook shared by the tests that leave it unchanged."""
    notebook = opened(lab, shared_page, *[""] * 3)
    yield notebook
    notebook.close()


@pytest.fixture
def notebook(kept):
    """The notebook with a new widget in its first cell, and empty cells after it."""
    kept.page.set_viewport_size(VIEWPORT)
    kept.python("globals().get('live') and live.close()")
    kept.run(0)
    widget(kept).get_by_role("button", name="Start").wait_for()
    yield kept
    kept.python("live.close()")
    eventually(lambda: not lights(kept.page), kept.page)
    kept.python("camera.close()")
    errors = list(kept.errors)
    kept.errors.clear()  # the next test is not to blame
    assert not errors


@pytest.fixture
def page(notebook):
    return notebook.page


def widget(notebook, cell=0):
    return notebook.output(cell).locator(".pk-live")


def press(notebook, name, cell=0):
    widget(notebook, cell).get_by_role("button", name=name, exact=True).click()


def lights(page):
    """How many tracks of a camera are on."""
    return page.evaluate("() => window.tracks.filter((track) => track.readyState === 'live').length")


def lives(notebook, more=5, name="live"):
    """Waits until `count` more frames have been answered."""
    frames = notebook.python(f"{name}.frames")
    eventually(lambda: notebook.python(f"{name}.frames") >= frames + more, notebook.page)


def start(notebook):
    press(notebook, "Start")
    lives(notebook)


def status_is(notebook, status, name="live"):
    eventually(lambda: notebook.python(f"{name}.status") == status, notebook.page)


def write(notebook, i, code):
    """Replaces the source of a cell."""
    notebook.page.evaluate(
        "([i, code]) => jupyterapp.shell.currentWidget.content.widgets[i].model.sharedModel.setSource(code)", [i, code]
    )


def error(found, truth):
    """How far the points of the typical answer are from those of the clip's frame that they fit best, the mean in pixels.

    Which frame that was, the time does not tell: a busy machine stamps frames late, and leaves out many. It also looks into squares
    that fit the pose of half a second ago, so a single answer may be 10 pixels off among others of 5. A shift by 8 would cost 9,
    left and right exchanged 50.
    """
    away = np.linalg.norm(found[:, None] - truth, axis=-1).mean(axis=-1)  # of each answer to each frame
    return np.median(away.min(axis=1))


def test_points_in_python_are_where_the_joints_are(notebook, camera_clip):
    """While a cell sleeps, as lessons' cells do. Without smoothing, which lags the more the fewer frames a machine answers."""
    notebook.python("setattr(live, 'smooth', False)")
    start(notebook)
    eventually(lambda: notebook.python("len(live.poses)"), notebook.page)
    notebook.python("live._recording.start()")
    write(
        notebook, 1, "until = time.monotonic() + 60\nwhile len(live._recording) < 25 and time.monotonic() < until: time.sleep(0.1)"
    )
    notebook.run(1)
    rows = notebook.python("live.recording[['time', 'id', 'x', 'y']].values.tolist()")
    times, ids, x, y = np.array(rows).reshape(-1, 17, 4).transpose(2, 0, 1)
    assert len(ids) > 20
    assert not np.diff(ids[:, 0])[np.diff(times[:, 0]) < 1].any()  # a person keeps the id, but for gaps of a busy machine
    assert error(np.stack([x, y], axis=-1), camera_clip.xy[:, 0]) < 8


def test_a_start_from_python_waits_until_the_widget_is_shown(notebook):
    """No camera opens for a widget that nobody sees; JupyterLab still creates its loop, which says hello."""
    write(
        notebook,
        1,
        """heard = []
later = posekit.LivePose(camera)
hello = later._handlers["hello"]
later._handlers["hello"] = lambda *message: (hello(*message), heard.append(message))
later.start()""",
    )
    notebook.run(1)
    eventually(lambda: notebook.python("len(heard)"), notebook.page)
    notebook.page.wait_for_timeout(1000)  # in which it could do what it must not
    assert notebook.python("later.status") == "ready"
    assert not lights(notebook.page)
    write(notebook, 2, "later")
    notebook.run(2)
    lives(notebook, name="later")
    assert lights(notebook.page) == 1
    notebook.python("later.close()")


#: The video's newest frame and the points over it, at one moment, as PNGs.
SEEN = """(root) => {
  const copy = (source) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
    canvas.getContext("2d").drawImage(source, 0, 0, 640, 480);
    return canvas.toDataURL().split(",")[1];
  };
  return [root.querySelector("video"), root.querySelector("canvas")].map(copy);
}"""


def decoded(content):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))).convert("RGBA"))


def marked(points, name):
    """Where the canvas has the colour of a side, (n, 2)."""
    near = np.abs(points[..., :3].astype(int) - LOOK.sides[name].color).max(axis=-1) < 24
    return np.argwhere(near & (points[..., 3] > 200))[:, ::-1]


def off(points, xy):
    """How far the joints of a side are from the nearest drawn pixel of its colour, the mean in pixels."""
    distances = []
    for name in ("left", "right"):
        drawn = marked(points, name)
        joints = xy[[i for i in range(17) if side(i) == name]]
        distances += np.linalg.norm(joints[:, None] - drawn[None], axis=-1).min(axis=1).tolist() if len(drawn) else [999]
    return np.mean(distances)


def test_the_skeleton_is_drawn_over_the_body(notebook, camera_clip):
    notebook.python("setattr(live, 'smooth', False)")
    start(notebook)
    eventually(lambda: notebook.python("len(live.poses)"), notebook.page)
    best = []
    for _ in range(5):
        video, points = map(decoded, widget(notebook).evaluate(SEEN))
        number = camera_clip.number(video[..., :3])
        assert number >= 0
        # The points are of a frame that was a little earlier; how much depends on how busy the machine is.
        late = [off(points, camera_clip.xy[(number - lag) % len(camera_clip.xy), 0]) for lag in range(90)]
        best.append(min(late))
        body = camera_clip.xy[(number - int(np.argmin(late))) % len(camera_clip.xy), 0]
        drawn = np.concatenate([marked(points, "left"), marked(points, "right")])
        low, high = body.min(axis=0) - 20, body.max(axis=0) + 20
        assert ((drawn > low) & (drawn < high)).all()  # nothing elsewhere
        notebook.page.wait_for_timeout(300)
    assert np.mean(best) < 4


def test_nothing_opens_before_start_and_all_is_off_after_stop(notebook, page):
    before = len(page.evaluate("() => window.wishes ?? []"))
    page.wait_for_timeout(500)
    assert len(page.evaluate("() => window.wishes ?? []")) == before
    words = widget(notebook).inner_text()
    assert "Small squares of its picture go from this browser to the notebook's kernel at 127.0.0.1" in words
    assert "Nothing is stored" in words
    start(notebook)
    assert page.evaluate("() => window.wishes.at(-1).audio") is False  # no microphone
    assert lights(page) == 1
    press(notebook, "Stop")
    eventually(lambda: not lights(page), page)
    status_is(notebook, "stopped")
    assert widget(notebook).get_by_role("button", name="Start").is_visible()


def test_frames_go_on_while_a_cell_runs_that_talks_to_the_widget(notebook, page):
    """ipykernel 7 hands a widget's messages to the thread that wrote to it last: here that is the busy one."""
    start(notebook)
    code = """live.threshold = 0.4
live.start()
live.show_crop = True
wanted, until = live.frames + 10, time.monotonic() + 60
while live.frames < wanted and time.monotonic() < until: time.sleep(0.1)"""
    write(notebook, 1, code)
    notebook.run(1)
    assert notebook.python("live.frames >= wanted and time.monotonic() < until")
    assert notebook.python("[live.status, live.error]") == ["live", ""]


def test_python_starts_and_stops_it(notebook, page):
    notebook.python("live.start()")
    lives(notebook)
    notebook.python("live.stop()")
    status_is(notebook, "stopped")
    eventually(lambda: not lights(page), page)
    # Before it is shown, too.
    write(notebook, 1, "other = posekit.LivePose(camera)\nother.start()\nother")
    notebook.run(1)
    lives(notebook, name="other")
    notebook.python("other.close()")


def test_start_and_stop_fifty_times(notebook, page):
    for i in range(50):
        press(notebook, "Start")
        if i % 3:  # also in the middle of opening
            page.wait_for_timeout(20 * (i % 7))
        press(notebook, "Stop")
    eventually(lambda: not lights(page), page)
    assert notebook.python("live.error") == ""
    start(notebook)
    assert lights(page) == 1
    assert page.locator("video").count() == 1
    # Frames that were not closed would show now, as an error in the console; a camera of which two are missing stalls.
    page.context.new_cdp_session(page).send("HeapProfiler.collectGarbage")
    page.wait_for_timeout(200)
    assert not notebook.errors


def test_a_late_answer_of_an_earlier_start_is_passed_over(notebook, page):
    start(notebook)
    press(notebook, "Stop")
    status_is(notebook, "stopped")
    notebook.python("handle = live._live.handle\nlive._live.handle = lambda *frame: (time.sleep(3), handle(*frame))[1]")
    press(notebook, "Start")
    status_is(notebook, "live")
    page.wait_for_timeout(500)  # two frames are under way, and wait
    late = "'seq': 1, 'people': [[[320, 240, 1]] * 17], 'ids': [9], 'region': None, 'side': 192"
    notebook.python(f"live._channel.send({{'kind': 'answer', 'client': live._client, {late}}})")
    page.wait_for_timeout(500)
    assert not decoded(widget(notebook).evaluate(SEEN)[1])[..., 3].any()  # nothing is drawn
    lives(notebook, 1)


def test_closed_while_frames_fly(notebook, page):
    start(notebook)
    notebook.python("live.close()")
    eventually(lambda: not lights(page), page)
    assert notebook.python("live.status") == "closed"
    expect(widget(notebook)).to_have_count(0)


def test_a_camera_that_ipywebrtc_closes_ends_it_too(notebook, page):
    start(notebook)
    notebook.python("camera.close()")
    status_is(notebook, "stopped")
    eventually(lambda: not lights(page), page)


def test_shown_twice_it_is_one_loop(notebook, page):
    start(notebook)
    write(notebook, 1, "live")
    notebook.run(1)
    both = [widget(notebook, i) for i in (0, 1)]
    for each in both:
        eventually(lambda each=each: len(marked(decoded(each.evaluate(SEEN)[1]), "left")), page)
    assert lights(page) == 1
    page.evaluate("() => jupyterapp.shell.currentWidget.content.widgets[0].model.clearExecution()")
    expect(both[0]).to_have_count(0)
    lives(notebook)
    page.evaluate("() => jupyterapp.shell.currentWidget.content.widgets[1].model.clearExecution()")
    eventually(lambda: not lights(page), page)  # nobody sees it any more
    status_is(notebook, "stopped")


COUNT_REPAINTS = """() => {
  window.calls = 0;
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    window.calls += 1;
    return clear.apply(this, box);
  };
}"""


def test_a_view_that_is_gone_leaves_nothing_behind(notebook, page):
    """Shown and removed repeatedly: the model must not call views that no longer exist."""
    write(notebook, 1, "live")
    count = "() => window.calls"
    page.evaluate(COUNT_REPAINTS)
    for _ in range(5):
        notebook.run(1)
    start(notebook)
    press(notebook, "Stop")
    status_is(notebook, "stopped")
    before = settled(page, count)  # frames that were under way are still drawn
    notebook.python("live.threshold = 0.55")
    eventually(lambda: page.evaluate(count) > before, page)
    assert settled(page, count) - before == 2  # two views, one repaint each


def settled(page, count):
    """The number, once it has not changed for two seconds."""
    last = -1
    while (now := page.evaluate(count)) != last:
        last = now
        page.wait_for_timeout(2000)
    return now


def test_two_of_them_and_the_camera_itself(notebook, page):
    write(notebook, 1, "camera")
    notebook.run(1)
    notebook.output(1).locator("video").wait_for()
    write(notebook, 2, "other = posekit.LivePose(camera, 'thunder')\nother")
    notebook.run(2)
    start(notebook)
    press(notebook, "Start", 2)
    lives(notebook, name="other")
    lives(notebook)
    press(notebook, "Stop")
    status_is(notebook, "stopped")
    lives(notebook, name="other")
    notebook.python("other.close()")
    time = "() => document.querySelectorAll('.jp-OutputArea video')[1].currentTime"
    before = page.evaluate(time)
    page.wait_for_timeout(500)
    assert page.evaluate(time) > before  # the camera's own picture goes on
    assert lights(page) == 1
    notebook.python("camera.close()")


def test_the_controls_do_what_they_say(notebook, page, camera_clip):
    live = widget(notebook)
    start(notebook)
    live.get_by_label("Mirror").check()
    assert live.locator("video").evaluate("(e) => getComputedStyle(e).transform") == "matrix(-1, 0, 0, 1, 0, 0)"
    live.get_by_label("Smooth").uncheck()
    live.get_by_label("Show the crop").check()
    live.get_by_label("Threshold").fill("0.99")
    eventually(
        lambda: (
            notebook.python("[live.mirror, live.smooth, live.show_crop, live.threshold, live._live.smooth]")
            == [True, False, True, 0.99, False]
        ),
        page,
    )
    eventually(lambda: not len(marked(decoded(live.evaluate(SEEN)[1]), "left")), page)
    assert len(marked(decoded(live.evaluate(SEEN)[1]), "centre"))  # the white square around where it looks
    live.get_by_label("Threshold").fill("0.3")
    live.get_by_label("Model").select_option("multipose")
    eventually(lambda: notebook.python("live.model") == "multipose", page)
    lives(notebook)
    eventually(lambda: len(marked(decoded(live.evaluate(SEEN)[1]), "left")), page)
    assert notebook.python("live.error") == ""


def test_snapshot_and_record_in_python(notebook, camera_clip):
    start(notebook)
    eventually(lambda: notebook.python("len(live.poses)"), notebook.page)
    write(notebook, 1, "image, poses = live.snapshot()\ntable = live.record(2)")
    notebook.run(1)
    number = camera_clip.number(np.array(notebook.python("image[-16:].tolist()"), np.uint8))
    found = np.array(notebook.python("poses.xy[0].tolist()"))
    assert np.linalg.norm(found - camera_clip.xy[number, 0], axis=-1).mean() < 10
    assert notebook.python("list(table.columns)") == ["frame", "time", "id", "person", "keypoint", "x", "y", "score"]
    assert notebook.python("table.frame.nunique()") > 10
    assert 1 < notebook.python("float(table.time.max())") < 2.5


def download(page, press):
    with page.expect_download() as waiting:
        press()
    return waiting.value


def test_snapshot_and_recording_are_downloaded(notebook, page, camera_clip, tmp_path):
    notebook.python("setattr(live, 'smooth', False)")  # smoothing lags the more the fewer frames a machine answers
    start(notebook)
    eventually(lambda: notebook.python("len(live.poses)"), page)
    file = download(page, lambda: press(notebook, "Snapshot"))
    file.save_as(tmp_path / "pose.png")
    assert file.suggested_filename == "pose.png"
    picture = np.asarray(Image.open(tmp_path / "pose.png").convert("RGBA"))
    number = camera_clip.number(picture[..., :3])
    assert min(off(picture, camera_clip.xy[(number - lag) % len(camera_clip.xy), 0]) for lag in range(90)) < 5
    press(notebook, "Record")
    lives(notebook, 20)
    widget(notebook).get_by_role("button", name="Stop recording").click()
    file = download(page, lambda: press(notebook, "Save recording (CSV)"))
    file.save_as(tmp_path / file.suggested_filename)
    rows = list(csv.DictReader((tmp_path / "recording.csv").open()))
    assert [row["keypoint"] for row in rows[:17]] == list(KEYPOINTS)
    found = np.array([[float(row["x"]), float(row["y"])] for row in rows]).reshape(-1, 17, 2)
    assert error(found, camera_clip.xy[:, 0]) < 8
    assert notebook.python("live.recording.frame.nunique()") > 10, "both sides heard the button"


def test_the_keyboard_is_enough(notebook, page):
    first = widget(notebook).get_by_role("button", name="Start")
    first.focus()
    page.keyboard.press("Enter")
    lives(notebook)
    expect(widget(notebook).get_by_role("button", name="Stop", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    status_is(notebook, "stopped")
    expect(first).to_be_focused()


def test_every_control_has_a_name_and_every_text_its_contrast(notebook, page):
    live = widget(notebook)
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        notebook.theme(theme)
        assert not faint_texts(live)
    assert live.get_by_role("button", name="Start").is_visible()
    start(notebook)
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        notebook.theme(theme)
        assert not faint_texts(live)
    found = controls(live)
    assert all(name for _, name in found), found
    assert {name for role, name in found if role == "checkbox"} == {"Mirror", "Smooth", "Angles", "Show the crop"}
    assert {name for role, name in found if role == "button"} == {"Stop", "Snapshot", "Record"}
    assert ("slider", "Threshold") in found
    assert ("image", "Live picture with the skeletons of the people in it") in [
        (role.replace("img", "image"), name) for role, name in found
    ]
    expect(live.get_by_role("status")).to_have_text("Live")


def test_a_narrow_window_shows_it_whole(notebook, page):
    start(notebook)
    page.set_viewport_size({"width": 360, "height": 760})
    page.wait_for_timeout(300)
    assert widget(notebook).bounding_box()["width"] < 300
    assert sticks_out(widget(notebook)) <= 0.5
    box = widget(notebook).locator("video").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(640 / 480, rel=0.01)


HIDE = """() => {
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_hidden_tab_pauses(notebook, page):
    """Headless Chromium hides no tab, so the page is told that it is hidden."""
    start(notebook)
    page.evaluate(HIDE)
    status_is(notebook, "hidden")
    frames = notebook.python("live.frames")
    page.wait_for_timeout(1000)
    assert notebook.python("live.frames") <= frames + 2  # what was under way
    page.evaluate("() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); }")
    status_is(notebook, "live")
    lives(notebook)


def test_a_camera_that_is_unplugged(notebook, page):
    """The fake camera has no plug, so its track gets the event."""
    start(notebook)
    page.evaluate("() => window.tracks.at(-1).dispatchEvent(new Event('ended'))")
    status_is(notebook, "failed")
    eventually(lambda: not lights(page), page)
    assert "was unplugged, or the stream ended" in widget(notebook).get_by_role("alert").inner_text()
    start(notebook)
    assert notebook.python("live.error") == ""


def test_a_camera_in_use(notebook, page):
    """Nothing else can hold the fake camera, so the browser's error is made up."""
    page.evaluate("""() => {
      window.real = navigator.mediaDevices.getUserMedia;
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("Device in use", "NotReadableError"));
    }""")
    press(notebook, "Start")
    status_is(notebook, "failed")
    assert "in use by another program" in notebook.python("live.error")
    page.evaluate("() => (navigator.mediaDevices.getUserMedia = window.real)")
    start(notebook)


def test_a_listener_that_fails_is_shown(notebook, page):
    notebook.python("live.on_pose(lambda poses: poses.no_such_thing)")
    start(notebook)
    alarm = widget(notebook).get_by_role("alert")
    alarm.get_by_text("no_such_thing").wait_for()
    page.wait_for_timeout(1200)
    assert "no_such_thing" in alarm.inner_text()  # it stays
    lives(notebook)


def test_a_worker_that_breaks_is_replaced(notebook, page):
    page.evaluate("""() => {
      window.RealWorker = Worker;
      window.Worker = function () { return new window.RealWorker(URL.createObjectURL(new Blob(["throw new Error('broken')"]))); };
    }""")
    start(notebook)
    page.evaluate("() => (window.Worker = function () { throw new Error('forbidden'); })")
    press(notebook, "Stop")
    start(notebook)
    press(notebook, "Stop")
    page.evaluate("() => (window.Worker = window.RealWorker)")


def test_without_a_processor_for_tracks_the_page_cuts(lab, new_page, camera_clip):
    """As in Firefox."""
    page = new_page()
    page.add_init_script("delete window.MediaStreamTrackProcessor")
    notebook = opened(lab, page, "table = live.record(3)")
    notebook.python("setattr(live, 'smooth', False)")
    start(notebook)
    eventually(lambda: notebook.python("len(live.poses)"), page)
    notebook.run(1)
    x, y = np.array(notebook.python("table[['x', 'y']].values.tolist()")).reshape(-1, 17, 2).transpose(2, 0, 1)
    assert error(np.stack([x, y], axis=-1), camera_clip.xy[:, 0]) < 8
    assert not notebook.errors
    notebook.close()


def test_a_camera_that_is_refused_then_allowed(lab, page_refused):
    notebook = opened(lab, page_refused)
    press(notebook, "Start")
    status_is(notebook, "failed")
    alarm = widget(notebook).get_by_role("alert")
    assert "The camera was refused" in alarm.inner_text() == notebook.python("live.error")
    page_refused.context.grant_permissions(["camera"])
    start(notebook)
    expect(alarm).to_have_count(0)
    assert not notebook.errors
    notebook.close()


def test_no_camera_at_all(lab, page_without_camera):
    notebook = opened(lab, page_without_camera)
    press(notebook, "Start")
    status_is(notebook, "failed")
    assert "No camera was found" in widget(notebook).get_by_role("alert").inner_text()
    assert not notebook.errors
    notebook.close()


def test_a_kernel_that_restarts_turns_the_camera_off(lab, new_page):
    page = new_page()
    notebook = opened(lab, page)
    start(notebook)
    notebook.restart_kernel()
    eventually(lambda: not lights(page), page)
    widget(notebook).get_by_text("No answer").wait_for()
    press(notebook, "Start")  # there is nobody to answer
    page.wait_for_timeout(500)
    assert lights(page) == 0
    notebook.run(0)
    start(notebook)
    assert lights(page) == 1
    notebook.close()


def test_repetitions_are_counted_over_the_picture_and_said(notebook):
    notebook.python("live.close()")
    write(notebook, 0, CAMERA.replace("(camera, ", '(camera, exercise="squat", '))
    notebook.run(0)
    start(notebook)
    count, spoken = widget(notebook).locator(".pk-count"), widget(notebook).locator("[aria-live]")
    expect(count).to_be_visible()
    seven = "[posekit.motion.Repetition(99, i + 1, 'both', i, i, i, 1.0) for i in range(7)]"
    notebook.python(f"live.counter.repetitions.extend({seven})")  # as if there had been so many
    expect(count).to_have_text(re.compile(r"[789]|\d\d"))
    expect(spoken).to_have_text(re.compile(r"\d+ repetitions"))
    lives(notebook, 3)
    assert notebook.python("live.repetitions") >= 7
    press(notebook, "Reset the count")
    eventually(lambda: notebook.python("live.repetitions") < 7, notebook.page)
    expect(count).to_have_text(re.compile(r"^[0-6]$"))
    widget(notebook).get_by_role("combobox", name="Count", exact=True).select_option("curl")
    eventually(lambda: notebook.python("live.counter.exercise.name") == "curl", notebook.page)
    write(notebook, 0, CAMERA)


RECORDER = """recorder = posekit.PostureRecorder(camera, ["stand", "squat"])
recorder"""


def test_examples_of_postures_are_collected(notebook, page, camera_clip):
    """By pointer and by key, while a cell runs, shown twice, in a class with a name of its own; and the last is undone."""
    write(notebook, 1, RECORDER)
    notebook.run(1)
    write(notebook, 2, "recorder")
    notebook.run(2)
    first, second = widget(notebook, 1), widget(notebook, 2)

    def labels():
        return notebook.python("recorder.labels")

    stand, squat = (first.get_by_role("button", name=re.compile(f"^{name}:")) for name in ("stand", "squat"))
    assert "Only the points that you collect are kept" in first.inner_text()
    stand.click()
    expect(first.get_by_text("Press Start first.")).to_be_visible()
    first.get_by_role("button", name="Start").click()
    lives(notebook, name="recorder")
    eventually(lambda: notebook.python("len(recorder.poses)"), page)

    stand.click()
    expect(stand).to_have_accessible_name("stand: 1 example")
    expect(first.get_by_text("stand: 1 example", exact=True)).to_be_visible()
    eventually(lambda: labels() == ["stand"], page)
    seen = np.array(notebook.python("recorder.examples[0].xy.tolist()"))
    assert np.linalg.norm(seen - camera_clip.xy[:, 0], axis=-1).mean(axis=-1).min() < 10

    page.keyboard.press("2")
    eventually(lambda: labels() == ["stand", "squat"], page)
    kind = "() => jupyterapp.shell.currentWidget.content.activeCell.model.type"
    assert page.evaluate(kind) == "code"  # JupyterLab's own "2" would make it a heading
    page.keyboard.down("2")
    eventually(lambda: len(labels()) > 3, page)
    page.keyboard.up("2")
    eventually(lambda: squat.get_attribute("aria-label") == f"squat: {labels().count('squat')} examples", page)
    n = len(labels())
    expect(first.get_by_text(f"squat: {n - 1} examples", exact=True)).to_be_visible()
    expect(second.get_by_role("button", name=f"squat: {n - 1} examples")).to_be_visible()
    second.get_by_role("button", name="Undo", exact=True).click()
    expect(squat).to_have_accessible_name(f"squat: {n - 2} examples")

    second.get_by_label("New class").fill("tree 2")
    page.keyboard.press("Enter")
    tree = first.get_by_role("button", name="tree 2:")
    write(notebook, 0, "until = time.monotonic() + 3\nwhile time.monotonic() < until: pass")
    notebook.start(0)
    tree.focus()
    page.keyboard.press("Enter")
    expect(tree).to_have_accessible_name("tree 2: 1 example")  # at once
    notebook.wait_idle()
    eventually(lambda: labels() == ["stand", *["squat"] * (n - 2), "tree 2"], page)
    assert notebook.python("recorder.classes") == ["stand", "squat", "tree 2"]

    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        notebook.theme(theme)
        assert not faint_texts(first)
    assert all(name for _, name in controls(first))
    first.get_by_role("button", name="Stop", exact=True).click()
    status_is(notebook, "stopped", "recorder")
    notebook.python("recorder.close()")
    assert len(labels()) == n
    write(notebook, 0, CAMERA)


def test_a_page_that_is_left_says_so(lab, new_page):
    page = new_page()
    notebook = opened(lab, page)
    start(notebook)
    page.goto("about:blank")
    status_is(notebook, "stopped")
    notebook.close()


#: As with ipykernel before 7, whose messages wait while a cell runs.
NO_SUBSHELLS = "() => { jupyterapp.shell.currentWidget.sessionContext.session.kernel.commsOverSubshells = 'disabled'; }"


def test_without_subshells_frames_wait_and_the_button_records(lab, new_page):
    page = new_page()
    page.add_init_script(SPY)
    notebook = lab.open([CAMERA, "time.sleep(4)", "live.record(2)"], page)
    page.evaluate(NO_SUBSHELLS)
    notebook.run(0)
    start(notebook)
    notebook.start(1)
    widget(notebook).get_by_text("Busy").wait_for()
    before = notebook.python("live.frames")
    page.wait_for_timeout(1000)
    assert notebook.python("live.frames") == before  # they wait
    notebook.wait_idle()
    lives(notebook)
    expect(widget(notebook).get_by_role("status")).to_have_text("Live")
    press(notebook, "Record")
    lives(notebook, 10)
    widget(notebook).get_by_role("button", name="Stop recording").click()
    eventually(lambda: notebook.python("live.recording.frame.nunique()") > 5, page)
    notebook.run(2)  # in a cell it cannot, and says what can
    notebook.output(2).get_by_text("record with the widget's button").first.wait_for()
    assert not notebook.errors
    notebook.close()


#: As Colab does it, simulated: a widget that is created loses its bytes on the way to the browser; later messages keep theirs.
DROPPING = """import ipykernel.comm.comm, posekit
send = ipykernel.comm.comm.BaseComm.publish_msg
def drop(self, kind, data=None, metadata=None, buffers=None, **keys):
    if kind == "comm_open" and buffers:
        data, buffers = {**data, "buffer_paths": []}, None
    return send(self, kind, data, metadata, buffers, **keys)
ipykernel.comm.comm.BaseComm.publish_msg = drop
live = posekit.LivePose(posekit.sample("squats"), smooth=False)
live"""


def test_a_clip_plays_where_the_host_drops_its_bytes(lab, new_page):
    notebook = lab.open([DROPPING], new_page())
    notebook.run(0)
    start(notebook)
    eventually(lambda: notebook.python("len(live.poses)"), notebook.page)
    points = np.array(notebook.python("live.poses.xy[0].tolist()"))
    truth = np.array(posekit.ground_truth("squats")["people"][0]["xy"])
    assert np.linalg.norm(points - truth, axis=-1).mean(axis=-1).min() < 6
    press(notebook, "Stop")
    status_is(notebook, "stopped")
    start(notebook)
    assert notebook.python("live.error") == ""
    assert not notebook.errors
    notebook.close()
