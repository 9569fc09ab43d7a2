"""PoseViewer in JupyterLab, for people with a mouse, a keyboard or a screen reader."""

import io
import re

import cv2
import numpy as np
import pytest
from PIL import Image

import posekit
from browser.access import controls, faint_texts, sticks_out
from browser.conftest import VIEWPORT
from browser.lab import eventually
from posekit.pose.skeleton import KEYPOINTS

CELLS = [
    """import posekit
image = posekit.read_image(posekit.sample("person"))
poses = posekit.load_model("thunder")(image)
viewer = posekit.PoseViewer(image, poses)
viewer""",
    """other = posekit.PoseViewer(image, posekit.Poses.concat([poses, poses], poses.size))
other""",
    "other",
    "posekit.PoseViewer(image, posekit.Poses.empty(poses.size))",
]


@pytest.fixture(scope="module")
def opened(lab, shared_page):
    notebook = lab.open(CELLS, shared_page)
    yield notebook
    notebook.close()


@pytest.fixture
def notebook(opened):
    """The notebook with a new viewer in cell 0."""
    opened.page.set_viewport_size(VIEWPORT)
    opened.run(0)
    opened.output(0).locator(".pk-stage > img").wait_for()
    yield opened
    assert not opened.errors


@pytest.fixture
def page(shared_page):
    return shared_page


@pytest.fixture
def viewer(notebook):
    return notebook.output(0).locator(".posekit")


def joint(viewer, name):
    return viewer.locator(f"[data-keypoint={name}]")


def shown(viewer):
    """The names of the joints that can be seen."""
    return [each.get_attribute("data-keypoint") for each in viewer.locator(".pk-joint").all() if each.is_visible()]


def centres(viewer):
    """Where the marks of the joints are, in pixels of the picture: (17, 2)."""
    stage = viewer.locator(".pk-stage").bounding_box()
    boxes = [viewer.locator(f"[data-keypoint={name}] > :is(circle, rect):last-child").bounding_box() for name in KEYPOINTS]
    middles = np.array([[box["x"] + box["width"] / 2 - stage["x"], box["y"] + box["height"] / 2 - stage["y"]] for box in boxes])
    return middles * 640 / stage["width"]


def test_joints_are_where_the_kernel_says_and_where_the_person_has_them(viewer, notebook, person_xy):
    drawn = centres(viewer)
    np.testing.assert_allclose(drawn, notebook.python("poses.xy[0].tolist()"), atol=0.6)
    assert np.linalg.norm(drawn - person_xy, axis=1).mean() < 6


def test_it_looks_as_posekit_draws(viewer, notebook, person, thunder, page):
    page.mouse.move(0, 0)
    stage = viewer.locator(".pk-stage")
    box = stage.bounding_box()
    assert (box["width"], box["height"]) == (640, 480)
    shot = Image.open(io.BytesIO(stage.screenshot())).convert("RGB")
    seen = np.asarray(shot)[:480]  # a row more where the place on the page is no whole number
    wanted = posekit.draw(person, thunder(person))
    changed = (wanted != person).any(axis=2)  # where the skeleton is
    blurred = [
        cv2.GaussianBlur(each, (5, 5), 0)[changed].astype(int) for each in (seen, wanted, person)
    ]  # OpenCV is half a pixel off
    assert np.abs(blurred[0] - blurred[1]).mean() < 15
    assert np.abs(blurred[0] - blurred[2]).mean() > 50


def test_pointing_at_a_joint_tells_its_name_score_and_place(viewer, notebook, page):
    tip = viewer.get_by_role("tooltip")
    assert not tip.is_visible()
    score, x, y = notebook.python("p = poses[0]['left_wrist']\n[p.score, p.x, p.y]")
    joint(viewer, "left_wrist").hover()
    assert tip.inner_text().split("\n") == ["left wrist", f"score {score:.2f}, x {x:.1f}, y {y:.1f} px"]
    eventually(lambda: notebook.python("viewer.selected") == {"person": 0, "keypoint": "left_wrist"}, page)
    page.mouse.move(5, 5)
    tip.wait_for(state="hidden")
    eventually(lambda: notebook.python("viewer.selected") is None, page)
    notebook.python("viewer.selected = {'person': 0, 'keypoint': 'nose'}")
    tip.get_by_text("nose").wait_for()


def test_the_keyboard_reaches_every_joint_with_one_stop_of_tab(viewer, notebook, page):
    viewer.get_by_label("Threshold").focus()
    page.keyboard.press("Shift+Tab")
    focused = "document.activeElement.dataset.keypoint ?? null"
    visited = [page.evaluate(focused)]
    for _ in range(16):
        page.keyboard.press("ArrowRight")
        visited.append(page.evaluate(focused))
    assert visited == list(KEYPOINTS)
    page.keyboard.press("ArrowDown")  # the end
    assert page.evaluate(focused) == "right_ankle"
    assert viewer.get_by_role("tooltip").inner_text().startswith("right ankle")
    eventually(lambda: notebook.python("viewer.selected") == {"person": 0, "keypoint": "right_ankle"}, page)
    page.keyboard.press("Escape")
    assert not viewer.get_by_role("tooltip").is_visible()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "nose"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.closest('.posekit')") is None
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "nose"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "range"
    assert page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex") == 0  # the arrows were not for JupyterLab


def test_the_slider_hides_joints_at_once_and_tells_python(viewer, notebook, page):
    slider = viewer.get_by_label("Threshold")
    slider.fill("0.8")
    scores = notebook.python("poses.score[0].tolist()")
    over = [name for name, score in zip(KEYPOINTS, scores, strict=True) if score >= 0.8]
    assert 0 < len(over) < 17
    assert shown(viewer) == over
    viewer.get_by_text(f"1 person · {len(over)} of 17 keypoints over 0.80").wait_for()
    eventually(lambda: notebook.python("viewer.threshold") == 0.8, page)
    slider.press("End")
    assert shown(viewer) == []
    assert not [line for line in viewer.locator("line").all() if line.is_visible()]
    notebook.python("viewer.threshold = 0.0")
    eventually(lambda: slider.input_value() == "0", page)
    assert len(shown(viewer)) == 17


def test_parts_names_and_picture_can_be_switched(viewer, notebook, page):
    viewer.get_by_label("torso").uncheck()
    viewer.get_by_label("arms").uncheck()
    viewer.get_by_label("legs").uncheck()
    assert shown(viewer) == list(KEYPOINTS[:5])
    eventually(lambda: notebook.python("viewer.parts") == ["head"], page)
    notebook.python("viewer.parts = ['legs', 'torso']")
    eventually(lambda: shown(viewer) == [name for name in KEYPOINTS if re.search("shoulder|hip|knee|ankle", name)], page)
    viewer.get_by_label("names").check()
    assert sorted(viewer.locator("svg text").all_text_contents()) == sorted(name.replace("_", " ") for name in shown(viewer))
    viewer.get_by_label("picture").uncheck()
    assert not viewer.locator(".pk-stage > img").is_visible()
    eventually(lambda: notebook.python("[viewer.names, viewer.picture]") == [True, False], page)


def test_several_people_twice_in_a_page_and_nobody(viewer, notebook, page):
    for i in (1, 2, 3):
        notebook.run(i)
    first, second, nobody = (notebook.output(i).locator(".posekit") for i in (1, 2, 3))
    first.get_by_text("2 people").wait_for()
    assert not viewer.get_by_role("combobox", name="Person").is_visible()
    assert len(shown(first)) == 34
    first.get_by_role("combobox", name="Person").select_option("2")
    eventually(lambda: len(shown(second)) == 17, page)  # the same widget in another place
    assert notebook.python("other.person") == 1
    joint(second, "left_knee").last.hover()
    assert "left knee of person 2" in second.get_by_role("tooltip").inner_text()
    assert len(shown(viewer)) == 17  # another widget
    assert notebook.python("viewer.selected") is None
    notebook.python("other.poses = posekit.Poses.empty(poses.size)")
    for each in (first, second, nobody):
        each.get_by_text("Nobody was found in this picture.").wait_for()
        assert each.locator(".pk-stage > img").is_visible()
        assert not each.get_by_label("Threshold").is_visible()


def test_every_control_has_a_name_and_every_text_its_contrast(viewer, notebook, page):
    joint(viewer, "nose").focus()
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        notebook.theme(theme)
        assert not faint_texts(viewer)
    found = controls(viewer)
    assert all(name for _, name in found), found
    assert ("slider", "Threshold") in found
    assert [name.partition(":")[0] for role, name in found if role == "option"] == [name.replace("_", " ") for name in KEYPOINTS]
    assert {name for role, name in found if role == "checkbox"} == {"head", "torso", "arms", "legs", "names", "picture"}


def test_a_narrow_window_shows_it_whole(viewer, notebook, page):
    viewer.get_by_label("names").check()
    page.set_viewport_size({"width": 360, "height": 700})
    page.wait_for_timeout(300)
    assert viewer.bounding_box()["width"] < 300
    assert sticks_out(viewer) <= 0.5
    output = notebook.output(0)
    assert output.evaluate("(element) => element.scrollWidth <= element.clientWidth")
    joint(viewer, "left_elbow").hover()
    assert sticks_out(viewer) <= 0.5
    np.testing.assert_allclose(centres(viewer), notebook.python("poses.xy[0].tolist()"), atol=1.5)
