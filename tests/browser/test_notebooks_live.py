"""The lessons with widgets as a learner runs them: cell after cell in JupyterLab, with a camera, pressing the buttons they name."""

import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest

import posekit
from browser.lab import Notebook, eventually

ROOT = Path(__file__).parents[2]

#: In the place of the lessons' one picture from elsewhere.
BADGE = '<svg xmlns="http://www.w3.org/2000/svg" width="117" height="20"><rect width="117" height="20" fill="gray"/></svg>'

#: So that a test knows which of the page's cameras are open: those whose light is on.
CAMERAS = """
window.cameras = [];
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (constraints) => {
  const stream = await open(constraints);
  cameras.push(...stream.getTracks());
  return stream;
};
const clone = MediaStreamTrack.prototype.clone;
MediaStreamTrack.prototype.clone = function () {
  const track = clone.call(this);
  cameras.push(track);
  return track;
};
"""


class Lesson:
    """A lesson that is open in a page; its code cells are found by what they hold."""

    def __init__(self, file, lab, page, change=lambda notebook: notebook):
        for folder in ("docs", "notebooks"):
            shutil.copytree(ROOT / folder, lab.folder / folder, dirs_exist_ok=True)
        copy = lab.folder / "notebooks" / file
        copy.write_text(change(copy.read_text()))
        page.add_init_script(CAMERAS)
        page.route("https://colab.research.google.com/**", lambda route: route.fulfill(body=BADGE, content_type="image/svg+xml"))
        self.cells = nbformat.read(copy, as_version=4).cells
        self.notebook = Notebook(lab, page, f"notebooks/{file}")
        self.python = self.notebook.python
        self.page = page
        self._next = 0

    def run_to(self, line):
        """Runs the cells up to the first one with that line, each without an unintended error; returns the output of that one."""
        while True:
            i, self._next = self._next, self._next + 1
            cell = self.cells[i]
            if cell.cell_type == "code":
                self.notebook.run(i)
                assert self._errors(i) == ["AssertionError"] * ("raises-exception" in cell.metadata.get("tags", [])), cell.source
                if line in cell.source.splitlines():
                    return self.notebook.output(i)

    def run_rest(self):
        """Runs the remaining cells."""
        last = next(cell for cell in reversed(self.cells) if cell.cell_type == "code")
        return self.run_to(last.source.splitlines()[-1])

    def _errors(self, i):
        outputs = self.page.evaluate("i => jupyterapp.shell.currentWidget.content.widgets[i].model.toJSON().outputs", i)
        return [output["ename"] for output in outputs if output["output_type"] == "error"]

    def lights(self):
        """How many of the page's camera tracks are open."""
        return self.page.evaluate("() => cameras.filter((track) => track.readyState === 'live').length")

    def eventually(self, condition):
        """Waits until an expression holds in the kernel."""
        eventually(lambda: self.python(f"bool({condition})"), self.page)


@pytest.fixture
def lesson(lab, page):
    opened = []

    def lesson(file, **options):
        opened.append(Lesson(file, lab, page, **options))
        return opened[-1]

    yield lesson
    for each in opened:
        each.notebook.close()


def nearest(points, truth):
    """The mean distance of each of `points` (n, 17, 2) from the frame of `truth` that fits it best."""
    return np.linalg.norm(points[:, None] - truth[None], axis=-1).mean(axis=-1).min(axis=1)


def test_the_live_lesson_with_a_camera(lesson, camera_clip):
    live = lesson("08_live_webcam.ipynb")
    recorder = live.run_to("recorder")
    assert live.lights() == 0, "no camera opens by itself"
    recorder.get_by_role("button").first.click()
    live.eventually("len(recorder.image.value)")
    assert live.lights() == 1
    live.run_to("picture = posekit.read_image(source)")
    number = camera_clip.number(np.array(live.python("picture[-16:].tolist()"), np.uint8))
    seen = np.array(live.python("poses.xy.tolist()"))
    assert np.linalg.norm(seen[0] - camera_clip.xy[number, 0], axis=1).mean() < 10  # the whole picture, shrunk

    live.run_to("camera.close()")
    eventually(lambda: live.lights() == 0, live.page)

    widget = live.run_to("live")
    assert live.lights() == 0
    widget.get_by_role("button", name="Start").click()
    live.eventually("live.frames > 30 and live.fps")
    numbers = live.run_to("print(live)").inner_text()
    assert "frames a second" in numbers
    assert "Poses(1 person, 640×480" in numbers

    live.run_to("live.on_pose(show_hands)")
    live.eventually("label.value.startswith('hands up: ')")

    live.run_to("    table = live.record(5)")
    frames = live.python("table['frame'].nunique()")
    assert frames > 10
    assert live.python("len(table)") == 17 * frames
    points = np.array(live.python("table[['x', 'y']].to_numpy().reshape(-1, 17, 2).tolist()"))
    assert nearest(points, camera_clip.xy[:, 0]).mean() <= 6
    assert live.python("table['time'].max()") > 3

    live.run_to("    picture, poses = live.snapshot()")
    number = camera_clip.number(np.array(live.python("picture[-16:].tolist()"), np.uint8))
    seen = np.array(live.python("poses.xy.tolist()"))
    assert np.linalg.norm(seen[0] - camera_clip.xy[number, 0], axis=1).mean() <= 6

    assert live.lights() == 1
    live.run_to("live.stop()")
    live.eventually("live.status == 'stopped'")
    eventually(lambda: live.lights() == 0, live.page)
    live.run_to("both")
    live.eventually("both.frames > 5 and len(both.poses) == 2")
    live.run_to("coach").get_by_role("button", name="Start").click()
    live.eventually("coach.repetitions > 0")
    live.run_rest()
    live.eventually("both.status != 'stopped'")  # the widget that a reader looks at goes on after Run All
    live.eventually("len(found) == 2")
    assert not live.notebook.errors


def test_the_live_lesson_with_the_clip_as_the_stream(lesson):
    live = lesson("08_live_webcam.ipynb", change=lambda text: text.replace("LivePose(camera)", "LivePose(clip)"))
    widget = live.run_to("live")
    widget.get_by_role("button", name="Start").click()
    live.eventually("live.frames > 30")
    live.run_to("    table = live.record(5)")
    points = np.array(live.python("table[['x', 'y']].to_numpy().reshape(-1, 17, 2).tolist()"))
    truth = np.array(posekit.ground_truth("jumping_jacks")["people"][0]["xy"])
    assert len(points) > 10
    assert nearest(points, truth).mean() <= 6
    assert live.page.evaluate("() => cameras.length") == 0
    assert not live.notebook.errors


def test_the_lesson_on_drawing_with_a_photo_of_ones_own(lesson, person_xy):
    look = lesson("03_visualize.ipynb")
    viewer = look.run_to("viewer")
    viewer.locator("[data-keypoint=right_wrist]").hover()
    viewer.get_by_role("tooltip").get_by_text("right wrist").wait_for()
    look.run_to('viewer.parts = ["arms"]')
    viewer.get_by_label("legs").wait_for()
    assert not viewer.get_by_label("legs").is_checked()
    assert not viewer.locator("[data-keypoint=left_knee]").is_visible()
    viewer.get_by_role("tooltip").get_by_text("right wrist").wait_for()

    upload = look.run_to("upload")
    upload.locator("input[type=file]").set_input_files(posekit.sample("person"))
    upload.get_by_text("found 1 person").wait_for()
    look.run_to('    upload.read(posekit.sample("astronaut"))')
    assert look.python("upload.name") == "person.png"
    found = np.array(look.python("poses.xy[0].tolist()"))
    assert np.linalg.norm(found - person_xy, axis=1).mean() <= 6
    look.run_rest()
    assert not look.notebook.errors
