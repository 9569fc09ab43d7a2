"""LivePose with its model in the browser, in JupyterLab: it runs while a cell computes, and loses nothing on the way."""

import csv

import numpy as np

from browser.lab import eventually
from browser.test_live import CAMERA, SPY, lives, press, widget

HERE = CAMERA.replace('backend="kernel"', 'backend="browser"')
COUNTING = HERE.replace('backend="browser"', 'backend="browser", exercise="squat"')

BUSY = """import itertools
_ = next(i for i in itertools.count() if open("go").read() == "stop")"""


def answered(page):
    """How many frames the page has recorded so far, as seconds on the button."""
    return int(page.locator(".pk-live").get_by_role("button", name="Stop recording").inner_text().split("(")[1].split()[0])


def shown(page):
    """The large number over the picture."""
    return int(page.locator(".pk-live .pk-count").inner_text())


def test_the_model_runs_while_a_cell_computes_and_all_points_reach_python(lab, new_page, tmp_path):
    page = new_page()
    page.add_init_script(SPY)
    notebook = lab.open([COUNTING, BUSY], page)
    try:
        notebook.run(0)
        widget(notebook).get_by_text("no picture leaves this computer").wait_for()
        assert widget(notebook).get_by_label("Runs in").input_value() == "browser"
        notebook.python("open('go', 'w').write('on'); heard = []; live.on_pose(heard.append)")
        press(notebook, "Start")
        lives(notebook)
        press(notebook, "Record")
        notebook.start(1)
        before = answered(page)
        eventually(lambda: answered(page) >= before + 3, page)
        count = shown(page)
        eventually(lambda: shown(page) >= count + 2, page, 300)  # at two frames a second most repetitions pass unseen
        (lab.folder / "go").write_text("stop")
        notebook.wait_idle()
        widget(notebook).get_by_role("button", name="Stop recording").click()
        with page.expect_download() as file:
            press(notebook, "Save recording (CSV)")
        file.value.save_as(tmp_path / "recording.csv")
        rows = list(csv.DictReader((tmp_path / "recording.csv").open()))
        here = np.array([[float(row[name]) for name in ("frame", "x", "y", "score")] for row in rows])
        eventually(lambda: notebook.python("len(live.recording)") == len(here), page)
        there = np.array(notebook.python("live.recording[['frame', 'x', 'y', 'score']].to_numpy().tolist()"))
        np.testing.assert_allclose(there, here, atol=0.02)
        image, people = notebook.python("image, poses = live.snapshot(); [list(image.shape), len(poses)]")
        assert image[2] == 3
        assert people <= 1
        press(notebook, "Stop")
        eventually(lambda: notebook.python("live.status") == "stopped", page)
        assert notebook.python("live.frames == len(heard) and live.fps > 0")
        eventually(lambda: notebook.python("live.repetitions") == shown(page), page)  # frames that were under way count, too
        assert shown(page) >= count + 2
        notebook.python("camera.close()")
        assert not notebook.errors
    finally:
        notebook.close()


def test_two_widgets_share_one_model(lab, new_page):
    page = new_page()
    page.add_init_script("window.made = 0; const Own = Worker; window.Worker = class extends Own { constructor(url) { super(url);"
                         " window.made += url.endsWith('#.js'); } };")  # fmt: skip
    notebook = lab.open([HERE, 'other = posekit.LivePose(camera, backend="browser")\nother'], page)
    try:
        notebook.run(0)
        notebook.run(1)
        press(notebook, "Start")
        lives(notebook)
        press(notebook, "Start", 1)
        lives(notebook, name="other")
        assert page.evaluate("() => window.made") == 1
        notebook.python("live.stop(), other.stop(), camera.close()")
    finally:
        notebook.close()
