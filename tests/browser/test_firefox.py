"""The live page, the live widget and uploads in the system's own Firefox, which cannot read the frames of a track in the page."""

import base64
import re

import numpy as np
import pytest
from playwright.sync_api import expect
from serving import Server

import posekit
from browser.conftest import pages
from browser.lab import eventually
from browser.test_live import CAMERA, lights, lives, press, widget
from browser.test_web import plays, points, send_clip, wait_for_clip

#: The camera shows the sample `person`; its tracks are counted.
PERSON = """window.tracks = [];
const image = new Image();
image.src = "data:image/png;base64,%s";
navigator.mediaDevices.getUserMedia = async () => {
  await image.decode();
  const context = Object.assign(document.createElement("canvas"), { width: 640, height: 480 }).getContext("2d");
  setInterval(() => context.drawImage(image, 0, 0), 33);
  const stream = context.canvas.captureStream(30);
  window.tracks.push(...stream.getTracks());
  return stream;
};"""

#: The camera is Firefox's own test pattern; its tracks are counted.
PATTERN = """window.tracks = [];
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (request) => {
  const stream = await open(request);
  window.tracks.push(...stream.getTracks());
  return stream;
};"""


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def new_firefox_page(firefox):
    """Makes pages in Firefox, whose camera is opened by one of the scripts above."""
    with pages(firefox) as new_page:

        def make(script=PATTERN):
            page = new_page(permissions=None)
            page.add_init_script(script)
            return page

        yield make


@pytest.fixture(scope="module")
def person_script():
    return PERSON % base64.b64encode(posekit.sample("person").read_bytes()).decode()


def test_the_live_page_shows_the_camera_and_releases_it(new_firefox_page, server):
    page = new_firefox_page()
    page.goto(f"{server.address}live")
    assert page.evaluate("() => 'MediaStreamTrackProcessor' in window") is False
    page.get_by_role("button", name="Start").click()
    page.get_by_text("frames a second").wait_for(timeout=60_000)
    assert page.locator("video").evaluate("(video) => video.videoWidth") > 0
    assert lights(page) == 1
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped.").wait_for()
    eventually(lambda: lights(page) == 0, page)


def test_the_live_page_has_its_points_where_the_joints_are(new_firefox_page, server, person_script, person_xy):
    page = new_firefox_page(person_script)
    points(page)
    page.goto(f"{server.address}live")
    page.get_by_role("button", name="Start").click()
    page.wait_for_function("() => window.answers.filter(({ people }) => people.length).length > 20", timeout=60_000)
    found = np.array(page.evaluate("() => window.answers.at(-1).people[0]"))
    assert np.linalg.norm(found[:, :2] - person_xy, axis=1).mean() < 12
    drawn = page.locator("canvas").evaluate(
        "(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((each) => each)"
    )
    assert drawn


def test_the_live_widget_has_its_points_where_the_joints_are(lab, new_firefox_page, person_script, person_xy):
    page = new_firefox_page(person_script)
    notebook = lab.open([CAMERA], page)
    try:
        notebook.run(0)
        press(notebook, "Start")
        lives(notebook, 20)
        found = np.array(notebook.python("live.poses.xy[0].tolist()"))
        assert np.linalg.norm(found - person_xy, axis=1).mean() < 12
        assert lights(page)
        press(notebook, "Stop")
        eventually(lambda: widget(notebook).get_by_text("Stopped.").is_visible(), page)
        notebook.python("camera.close()")
        eventually(lambda: notebook.python("live.status") == "stopped", page)
    finally:
        notebook.close()


def test_a_photo_and_its_pose_side_by_side(new_firefox_page, server, person_xy):
    page = new_firefox_page()
    page.goto(server.address)
    page.set_input_files("input[type=file]", posekit.sample("person"))
    page.get_by_alt_text("The photo that you chose").wait_for()
    page.get_by_role("button", name="Find the pose").click()
    page.get_by_role("heading", name="1 person found").wait_for()
    rows = page.locator("tbody tr").evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.innerText))")
    found = np.array([[float(row[1]), float(row[2])] for row in rows])
    assert np.linalg.norm(found - person_xy, axis=1).mean() < 10


def test_a_clip_with_its_skeletons_can_be_watched(new_firefox_page, server):
    page = new_firefox_page()
    page.goto(server.address)
    send_clip(page, posekit.sample("walk"))
    wait_for_clip(page)
    video = page.locator("video")
    expect(video).to_be_visible()
    if video.evaluate("(video) => video.canPlayType('video/mp4; codecs=\"avc1.42E01E\"')"):  # the system has to bring H.264
        assert plays(video) == 640


def test_the_kiosk_runs_by_itself_after_one_press(new_firefox_page, server, person_script):
    page = new_firefox_page(person_script)
    points(page)
    page.goto(f"{server.address}kiosk")
    line = page.get_by_role("status").filter(visible=True)
    expect(line).to_have_text(re.compile("Press Start"))
    page.get_by_role("button", name="Start").click()
    expect(line).to_have_text("Move! Nothing is stored.")
    assert page.evaluate("() => window.answers.at(-1).people.length") >= 1
    assert page.locator("button, a, input, select").filter(visible=True).count() == 0
    assert page.locator("video").evaluate("(video) => getComputedStyle(video).transform").startswith("matrix(-1")
    assert lights(page) == 1


def test_the_access_code_is_asked_once_and_the_projector_shows_it(new_firefox_page):
    server = Server("--access-code", "sesame")
    try:
        page = new_firefox_page()
        page.goto(f"{server.address}projector")
        code = page.get_by_label("Code")
        expect(code).to_be_focused()
        code.fill("wrong")
        page.keyboard.press("Enter")
        page.get_by_role("alert").filter(has_text="That is not the code").wait_for()
        assert page.title().startswith("That did not work: ")
        code.fill("Sesame")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Open this page on your phone").wait_for()
        picture = page.get_by_role("img", name=f"QR code of {server.address}")
        assert picture.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") > 100
        page.get_by_text("sesame", exact=True).wait_for()
        page.goto(f"{server.address}live")
        page.get_by_role("button", name="Start").wait_for()
    finally:
        _, err, code = server.stop()
    assert (err, code) == ("", 0)


def test_the_upload_widget_shows_the_pose(lab, new_firefox_page):
    page = new_firefox_page()
    notebook = lab.open(["import posekit\nupload = posekit.UploadPose()\nupload"], page)
    try:
        notebook.run(0)
        upload = notebook.output(0).locator(".pk-upload")
        upload.locator("input[type=file]").set_input_files(posekit.sample("person"))
        upload.get_by_text("1 person").first.wait_for(timeout=60_000)
        assert upload.locator(".pk-joint").count() == 17
        assert notebook.python("len(upload.poses)") == 1
    finally:
        notebook.close()
