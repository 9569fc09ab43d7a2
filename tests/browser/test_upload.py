"""UploadPose in JupyterLab: files chosen, dropped and pasted, results, downloads."""

import base64
import csv
import io
import json

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

import posekit
from browser.access import controls, faint_texts, sticks_out
from browser.conftest import VIEWPORT
from browser.lab import eventually
from posekit.pose.skeleton import KEYPOINTS

PERSON = posekit.sample("person")
CELLS = ["import posekit\nupload = posekit.UploadPose()\nupload"]

#: Gives the page's widget a file as somebody drops or pastes it.
HAND_OVER = """async (root, { event, name, type, content }) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  const init = { bubbles: true, cancelable: true };
  const paste = () => new ClipboardEvent(event, { ...init, clipboardData: data });
  const drop = () => new DragEvent(event, { ...init, dataTransfer: data });
  root.querySelector(".pk-zone").dispatchEvent(event === "paste" ? paste() : drop());
}"""


@pytest.fixture(scope="module")
def opened(lab, shared_page):
    # Playwright catches file choosers from a while after the first listener on; one that opens before is closed unseen.
    shared_page.on("filechooser", lambda _: None)
    notebook = lab.open(CELLS, shared_page)
    yield notebook
    notebook.close()


@pytest.fixture
def notebook(opened):
    """The notebook with a new widget in cell 0."""
    opened.page.set_viewport_size(VIEWPORT)
    opened.run(0)
    opened.output(0).get_by_text("Choose a photo").wait_for()
    yield opened
    assert not opened.errors


@pytest.fixture
def page(shared_page):
    return shared_page


@pytest.fixture
def upload(notebook):
    return notebook.output(0).locator(".posekit")


def choose(upload, path):
    upload.locator("input[type=file]").set_input_files(path)


def hand_over(upload, event, path, kind):
    content = base64.b64encode(path.read_bytes()).decode()
    upload.evaluate(HAND_OVER, {"event": event, "name": path.name, "type": kind, "content": content})


def result(notebook):
    """The points that Python has: (n, 17, 2)."""
    return np.array(notebook.python("upload.poses.xy.tolist()"))


def download(upload, text, folder):
    with upload.page.expect_download() as waiting:
        upload.get_by_role("button", name=text).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_a_photo_is_chosen_and_seen_beside_its_pose(upload, notebook, lightning, person):
    choose(upload, PERSON)
    upload.get_by_text("lightning found 1 person in person.png.").wait_for()
    wanted = lightning(person)
    np.testing.assert_allclose(result(notebook), wanted.xy, atol=0.1)
    photo, stage = upload.get_by_role("img", name="person.png, as it was read"), upload.locator(".pk-stage").last
    assert photo.bounding_box()["y"] == stage.bounding_box()["y"]  # beside each other
    assert photo.evaluate("(image) => [image.naturalWidth, image.naturalHeight]") == [640, 480]
    left = upload.locator("[data-keypoint=left_wrist] > :last-child").bounding_box()
    scale = stage.bounding_box()["width"] / 640
    x = (left["x"] + left["width"] / 2 - stage.bounding_box()["x"]) / scale
    assert x == pytest.approx(wanted[0]["left_wrist"].x, abs=1)
    upload.locator("[data-keypoint=left_wrist]").hover()
    upload.get_by_role("tooltip").get_by_text("left wrist").wait_for()
    assert "pk-chosen" in upload.get_by_role("row", name="left wrist").get_attribute("class")


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_a_photo_is_dropped_or_pasted(event, upload, notebook, lightning, person):
    hand_over(upload, event, PERSON, "image/png")
    upload.get_by_text("found 1 person in person.png").wait_for()
    np.testing.assert_allclose(result(notebook), lightning(person).xy, atol=0.1)


def test_a_large_turned_photo_arrives_whole_and_upright(upload, notebook, person, lightning, page, tmp_path):
    large = np.asarray(Image.fromarray(person).resize((2400, 1800)))
    noise = np.random.default_rng(0).integers(0, 12, large.shape, dtype=np.uint8)
    large = np.minimum(large, 243) + noise
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "phone.png"
    Image.fromarray(np.ascontiguousarray(np.rot90(large))).save(path, exif=exif)
    assert path.stat().st_size > 6_000_000  # many pieces
    choose(upload, path)
    upload.get_by_text("found 1 person in phone.png").wait_for()
    assert notebook.python("[*upload.image.shape, int(upload.image.sum())]") == [*large.shape, int(large.sum())]
    np.testing.assert_allclose(result(notebook), lightning(large).xy, atol=0.5)
    photo = upload.get_by_role("img", name="phone.png, as it was read")
    assert photo.evaluate("(image) => [image.naturalWidth, image.naturalHeight]") == [1280, 960]
    path = download(upload, "Picture (PNG)", tmp_path)
    assert Image.open(path).size == (2400, 1800)


def test_what_cannot_be_read_is_reported_and_the_former_result_stays(upload, notebook, page, tmp_path):
    choose(upload, PERSON)
    upload.get_by_text("found 1 person").wait_for()
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff" + b"no picture" * 100)
    choose(upload, broken)
    upload.get_by_role("alert").get_by_text("broken.jpg").wait_for()
    assert notebook.python("[upload.name, len(upload.poses)]") == ["person.png", 1]
    assert notebook.python("upload.error") == upload.get_by_role("alert").inner_text()
    upload.get_by_text("person.png stays as it was.").wait_for()
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(65 * 2**20)
    choose(upload, huge)
    upload.get_by_role("alert").get_by_text("huge.png has 65 MB; 64 MB are allowed. Choose a smaller picture.").wait_for()
    hand_over(upload, "drop", PERSON, "image/png")
    upload.get_by_role("alert").wait_for(state="hidden")


def test_the_slider_works_in_the_browser_and_the_table_says_so(upload, notebook, page):
    choose(upload, PERSON)
    upload.get_by_text("found 1 person").wait_for()
    upload.get_by_label("Threshold").fill("0.8")
    scores = notebook.python("upload.poses.score[0].tolist()")
    over = [name for name, score in zip(KEYPOINTS, scores, strict=True) if score >= 0.8]
    seen = [each.get_attribute("data-keypoint") for each in upload.locator(".pk-joint").all() if each.is_visible()]
    assert 0 < len(over) < 17
    assert seen == over
    rows = [row.inner_text().split("\t") for row in upload.locator("tbody tr").all()]
    assert [row[0].replace(" ", "_") for row in rows] == list(KEYPOINTS)
    assert [row[0].replace(" ", "_") for row in rows if row[4] == "yes"] == over
    assert {row[4] for row in rows} == {"yes", "no, under 0.80"}
    assert [float(row[3]) for row in rows] == pytest.approx(scores, abs=0.006)
    assert upload.get_by_role("columnheader").all_inner_texts() == ["keypoint", "x", "y", "score", "drawn"]
    eventually(lambda: notebook.python("upload.threshold") == 0.8, page)


def test_another_model_looks_again(upload, notebook, thunder, person):
    choose(upload, PERSON)
    upload.get_by_text("lightning found 1 person").wait_for()
    upload.get_by_label("Model").select_option("thunder")
    upload.get_by_text("thunder found 1 person in person.png.").wait_for()
    upload.get_by_text("its pose, found by thunder").wait_for()
    np.testing.assert_allclose(result(notebook), thunder(person).xy, atol=0.1)


def test_downloads_are_right(upload, notebook, person, lightning, tmp_path):
    choose(upload, PERSON)
    upload.get_by_text("found 1 person").wait_for()
    poses = lightning(person)
    picture = np.asarray(Image.open(download(upload, "Picture (PNG)", tmp_path)))
    np.testing.assert_array_equal(picture, posekit.draw(person, poses))
    assert (picture != person).any()
    path = download(upload, "Points (CSV)", tmp_path)
    assert path.name == "person_pose.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    np.testing.assert_allclose([[float(row["x"]), float(row["y"])] for row in rows], poses.xy[0], atol=0.1)
    path = download(upload, "Points (COCO JSON)", tmp_path)
    truth = COCO()
    truth.dataset = {"images": [{"id": json.loads(path.read_text())[0]["image_id"]}], "categories": [{"id": 1}], "annotations": []}
    truth.createIndex()
    (someone,) = truth.loadRes(str(path)).anns.values()
    np.testing.assert_allclose(np.reshape(someone["keypoints"], (17, 3))[:, :2], poses.xy[0], atol=0.1)


def test_the_keyboard_is_enough(upload, notebook, page):
    upload.locator("input[type=file]").focus()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(PERSON)
    upload.get_by_text("found 1 person").wait_for()
    visited = []
    what = "(({ tagName, type, dataset, innerText }) => dataset.keypoint ?? type ?? innerText ?? tagName)(document.activeElement)"
    for _ in range(7):
        page.keyboard.press("Tab")
        visited.append(page.evaluate(what))
    assert visited[:3] == ["select-one", "range", "nose"]
    assert visited[3:6] == ["button"] * 3
    assert visited[6] == "Table of the keypoints"


def test_every_control_has_a_name_and_every_text_its_contrast(upload, notebook, tmp_path):
    choose(upload, PERSON)
    upload.get_by_text("found 1 person").wait_for()
    upload.get_by_label("Threshold").fill("0.8")  # dims some rows
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    choose(upload, tmp_path / "broken.jpg")
    upload.get_by_role("alert").get_by_text("broken.jpg").wait_for()
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        notebook.theme(theme)
        assert not faint_texts(upload)
    found = controls(upload)
    assert all(name for _, name in found), found
    assert {"Choose a photo", "Picture (PNG)", "Points (CSV)", "Points (COCO JSON)"} <= {
        name for role, name in found if role == "button"
    }
    assert ("combobox", "Model") in found
    assert any(role == "table" and name.startswith("Person 1: confidence") for role, name in found)


def test_a_narrow_window_stacks_it(upload, notebook, page):
    choose(upload, PERSON)
    upload.get_by_text("found 1 person").wait_for()
    page.set_viewport_size({"width": 360, "height": 900})
    page.wait_for_timeout(300)
    assert sticks_out(upload) <= 0.5
    assert notebook.output(0).evaluate("(element) => element.scrollWidth <= element.clientWidth")
    first, second = (upload.locator(".pk-stage").nth(i).bounding_box() for i in (0, 1))
    assert second["y"] >= first["y"] + first["height"]
