"""Several people in the browser itself: photos, camera and clip on the page without a server; the server's page; a notebook."""

import csv
import functools
import json
import re

import numpy as np
import pytest
from PIL import Image
from serving import Server

import posekit
from browser import test_static_page
from browser.axe import axe_script, violations_everywhere
from browser.camera import make_clip
from browser.conftest import pages
from browser.lab import eventually
from browser.test_backend import HERE
from browser.test_live import lives, press
from browser.test_static_page import KEEP

#: For several people a model takes several times as long, and the machine may be busy: milliseconds.
LONG = 600_000

site, visit = test_static_page.site, test_static_page.visit  # fixtures


@pytest.fixture(scope="module")
def crossing_clip(tmp_path_factory):
    """The sample clip `two_people` for Chromium's camera, with its truth."""
    return make_clip("two_people", tmp_path_factory.mktemp("camera"))


@pytest.fixture
def crossing(launch, crossing_clip):
    """Chromium whose camera plays `crossing_clip`."""
    return launch("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={crossing_clip.path}")


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.stop()


def points_of(page, name):
    """What was found in a photo, as JSON, as it is downloaded."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Points as JSON").click()
    assert download.value.suggested_filename == f"{name}_pose.json"
    return json.loads(download.value.path().read_text())


def both_in_one_picture():
    """A frame in which they are far from each other."""
    return next(frame for time, frame in posekit.read_video(posekit.sample("two_people")).timed() if time > 0.5)


def turned(image):
    """Two people side by side become one above the other, in a portrait."""
    return np.concatenate([image[:, :320], image[:, 320:]], axis=0)


@pytest.mark.parametrize("shape", [np.asarray, turned])
def test_several_people_in_a_photo_are_those_of_python(visit, site, multipose, tmp_path, shape):
    image = shape(both_in_one_picture())
    Image.fromarray(image).save(tmp_path / "both.png")
    page = visit()
    digest = page.request.get(site.address + "browser/multipose.json").json()["files"]["model"]["sha256"]
    before = site.asked[digest]
    page.set_input_files("input[type=file]", tmp_path / "both.png")
    page.get_by_role("heading", name="found").wait_for(timeout=LONG)
    assert site.asked[digest] == before  # it comes only where it is chosen
    page.get_by_text("Choose a model").click()
    page.get_by_role("radio", name="multipose").check()
    page.get_by_role("button", name="Find the pose").click()
    page.get_by_role("heading", name="2 people found").wait_for(timeout=LONG)
    found = points_of(page, "both")
    assert found["model"] == "multipose"
    poses = multipose(image)
    assert len(found["people"]) == len(poses) == 2
    xy = np.array([[[at["x"], at["y"]] for at in person["keypoints"].values()] for person in found["people"]])
    assert np.linalg.norm(xy - poses.xy, axis=2).max() < 1
    np.testing.assert_allclose([person["box"] for person in found["people"]], poses.box, atol=1)
    assert [text.split(", ")[0] for text in page.locator("caption").all_inner_texts()] == ["Person 1", "Person 2"]


def states(page, site, photo):
    """Several people on each page, and the names of what is shown."""
    page.goto(site.address)
    page.get_by_text("Choose a model").click()
    page.get_by_role("radio", name="multipose").check()
    page.set_input_files("input[type=file]", photo)
    page.get_by_role("heading", name="2 people found").wait_for(timeout=LONG)
    yield "result"
    page.goto(f"{site.address}live.html")
    page.get_by_label("Model").select_option("multipose")
    page.get_by_label("Count").select_option("squat")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("frames a second").wait_for(timeout=LONG)
    yield "live"


def test_axe_finds_nothing_where_there_are_several_people(visit, site, root, new_page, crossing, tmp_path):
    Image.fromarray(both_in_one_picture()).save(tmp_path / "both.png")
    page = visit(make=functools.partial(new_page, crossing))
    assert not violations_everywhere(page, axe_script(root), states(page, site, tmp_path / "both.png"))


def recorded(page):
    """Records on the page for a while: for each frame the ids, and the points (people, 17, 2)."""
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_role("button", name=re.compile(r"Stop recording \(([3-9]|\d\d+) s\)")).click(timeout=LONG)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save recording (CSV)").click()
    frames = {}
    for row in csv.DictReader(download.value.path().read_text().splitlines()):
        frames.setdefault(row["frame"], {}).setdefault(row["id"], []).append([float(row["x"]), float(row["y"])])
    return [(list(people), np.array(list(people.values()))) for people in frames.values()]


def test_two_people_before_the_camera_have_two_skeletons_and_two_ids(visit, new_page, crossing, crossing_clip):
    page = visit("live.html", make=functools.partial(new_page, crossing))
    page.get_by_label("Model").select_option("multipose")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("frames a second").wait_for()
    seen = recorded(page)
    both = [(ids, xy) for ids, xy in seen if len(ids) == 2]
    assert len(both) > len(seen) / 2
    assert all(len(ids) == len(set(ids)) for ids, _ in seen)
    truth = crossing_clip.xy  # (frames, 2, 17, 2); which frame each was is not known here, so the nearest one counts
    errors = [np.linalg.norm(truth[:, order] - xy, axis=3).mean(axis=(1, 2)).min() for _, xy in both for order in ([0, 1], [1, 0])]
    assert np.median(np.reshape(errors, (-1, 2)).min(axis=1)) < 15
    for name, most in [("lightning", 1), ("multipose", 2)]:  # another model, in the middle
        page.get_by_label("Model").select_option(name)
        page.get_by_text("Loading the model").wait_for(state="detached")
        assert max(len(ids) for ids, _ in recorded(page)) == most
        assert page.locator(".pk-error").inner_text() == ""
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("Stopped.").wait_for()


def test_two_people_who_cross_in_a_clip_keep_pythons_ids(visit, multipose):
    page = visit("live.html", permissions=[])
    page.evaluate(KEEP)
    page.set_input_files("#clip", posekit.sample("two_people"))
    page.get_by_label("Model").select_option("multipose")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("The clip has ended").wait_for(timeout=2 * LONG)
    seen, tracker = page.evaluate("() => window.frames_seen"), posekit.Tracker(multipose)
    frames = list(posekit.read_video(posekit.sample("two_people")).timed())
    assert len(seen) == len(frames)
    off = []
    for here, (time, frame) in zip(seen, frames, strict=True):
        there = tracker(frame, time)
        assert abs(here["time"] - time) < 1e-3
        if sorted(here["ids"]) == sorted(there.id.tolist()):  # who is hardly seen may be found in one and not in the other
            off += [np.linalg.norm(np.array(here["people"][here["ids"].index(i)])[:, :2] - xy, axis=1) for i, xy in
                    zip(there.id.tolist(), there.xy, strict=True)]  # fmt: skip
    assert len(off) > 1.7 * len(frames)
    assert np.median(off) < 1
    assert np.quantile(off, 0.95) < 5


def test_several_people_reach_python_with_their_ids(lab, new_page, crossing, crossing_clip):
    page = new_page(crossing)
    notebook = lab.open([HERE.replace("backend=", 'model="multipose", backend=')], page)
    try:
        notebook.run(0)
        notebook.python("heard = []; live.on_pose(heard.append)")
        press(notebook, "Start")
        lives(notebook)
        eventually(lambda: notebook.python("sum(len(poses) == 2 for poses in heard)") > 5, page)
        both = "next(poses for poses in heard if len(poses) == 2)"
        assert len(set(notebook.python(f"{both}.id.tolist()"))) == 2
        assert notebook.python(f"{both}.size") == [640, 480]
        xy = np.array(notebook.python(f"{both}.xy.tolist()"))
        errors = [np.linalg.norm(crossing_clip.xy[:, order] - xy, axis=3).mean(axis=(1, 2)).min() for order in ([0, 1], [1, 0])]
        assert min(errors) < 20
        assert notebook.python("live.region is None and live.error") == ""
        notebook.python("live.stop(), camera.close()")
        assert not notebook.errors
    finally:
        notebook.close()


def test_several_people_are_found_in_the_browser_of_a_visitor(new_page, server, crossing):
    page = new_page(crossing)
    page.goto(f"{server.address}live")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_label("Runs in").select_option("this browser")
    page.get_by_label("Model").select_option("multipose")
    page.get_by_role("button", name="Start").click()
    page.get_by_text("frames a second").wait_for()
    assert max(len(set(ids)) for ids, _ in recorded(page)) == 2
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("Stopped.").wait_for()
    assert not sent


def test_crowd_which_no_browser_runs_is_explained(new_page, server):
    words = "crowd cannot run in the browser; lightning, thunder and multipose can."
    page = new_page()
    page.goto(server.address)
    page.get_by_text("Choose a model").click()
    page.get_by_role("radio", name="crowd").check()
    page.get_by_label("Find the pose in this browser").check()
    page.set_input_files("form input[type=file]", posekit.sample("person"))
    page.get_by_role("button", name="Find the pose").click()
    page.get_by_role("alert").get_by_text(words).wait_for()
    page.goto(f"{server.address}live")
    page.get_by_label("Runs in").select_option("this browser")
    models = page.get_by_label("Model").locator("option:disabled")
    assert models.evaluate_all("all => all.map(({ value }) => value)") == ["crowd"]


def test_firefox_finds_several_people_in_a_photo(visit, firefox, multipose, tmp_path):
    image = both_in_one_picture()
    Image.fromarray(image).save(tmp_path / "both.png")
    with pages(firefox) as new_page:
        page = visit(make=lambda: new_page(permissions=None))
        page.get_by_text("Choose a model").click()
        page.get_by_role("radio", name="multipose").check()
        page.set_input_files("input[type=file]", tmp_path / "both.png")
        page.get_by_role("heading", name="2 people found").wait_for(timeout=LONG)
        rows = page.locator("tbody tr").evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.innerText))")
        found = np.array([[float(row[1]), float(row[2])] for row in rows]).reshape(2, 17, 2)
        assert np.linalg.norm(found - multipose(image).xy, axis=2).max() < 1


def test_a_damaged_multipose_is_explained_and_lightning_goes_on(visit, site):
    page = visit("live.html", service_workers="block")
    digest = page.request.get(site.address + "browser/multipose.json").json()["files"]["model"]["sha256"]
    page.context.route(f"**/{digest}", lambda route: route.fulfill(body=b"damaged"))
    page.get_by_role("button", name="Start").click()
    page.get_by_text("frames a second").wait_for()
    page.get_by_label("Model").select_option("multipose")
    page.get_by_role("alert").get_by_text("multipose.tflite arrived damaged").wait_for()
    assert max(len(ids) for ids, _ in recorded(page)) == 1
