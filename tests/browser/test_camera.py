"""The basis of the other tests: the fake camera, and ipywebrtc by itself, as the lesson uses it."""

import numpy as np
import pytest

from browser.camera import read_number, write_number
from browser.lab import eventually

OPEN = "navigator.mediaDevices.getUserMedia({video: true})"


def test_a_frame_keeps_its_number(person):
    for number in (0, 1, 85, 170, 227, 255):
        marked = write_number(person, number)
        assert read_number(marked) == number
        assert read_number(marked[::2, ::2]) == number
    assert read_number(np.zeros_like(person)) == -1


def test_the_camera_plays_the_clip_frame_by_frame(page, lab, camera_clip):
    page.goto(f"{lab.address}api")  # any page of this machine will do; others may not use cameras
    rows = page.evaluate(
        f"""async () => {{
          const video = document.createElement("video");
          Object.assign(video, {{ srcObject: await {OPEN}, muted: true }});
          await video.play();
          const pen = new OffscreenCanvas(160, 120).getContext("2d", {{ willReadFrequently: true }});
          const rows = [];
          while (rows.length < 30) {{
            await new Promise((seen) => video.requestVideoFrameCallback(seen));
            pen.drawImage(video, 0, 0, 160, 120);
            rows.push([...pen.getImageData(0, 116, 160, 4).data]);
          }}
          return rows;
        }}"""
    )
    numbers = [camera_clip.number(np.array(row, np.uint8).reshape(4, 160, 4)[..., :3]) for row in rows]
    assert min(numbers) >= 0
    # A busy machine skips frames, but none comes twice or late.
    assert all(1 <= step < 100 for step in np.diff(numbers) % len(camera_clip.xy))


@pytest.mark.parametrize(("which", "error"), [("page_refused", "NotAllowedError"), ("page_without_camera", "NotFoundError")])
def test_a_camera_that_is_refused_or_missing_is_an_error(which, error, request, lab):
    page = request.getfixturevalue(which)
    page.goto(f"{lab.address}api")
    assert page.evaluate(f"{OPEN}.then(() => 'opened', (error) => error.name)") == error


CELLS = [
    """import ipywebrtc, posekit
camera = ipywebrtc.CameraStream(constraints=dict(audio=False, video=True))
recorder = ipywebrtc.ImageRecorder(stream=camera)
camera""",
    "recorder.recording = True",
    "image = posekit.read_image(recorder.image.value)\nposes = posekit.load_model()(image)\nposes",
]


def test_ipywebrtc_by_itself_gives_a_picture_and_posekit_its_pose(page, lab, camera_clip):
    notebook = lab.open(CELLS, page)
    notebook.run(0)
    video = notebook.output(0).locator("video")
    video.wait_for()
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.1")
    notebook.run(1)
    eventually(lambda: notebook.python("len(recorder.image.value)"), page)
    notebook.run(2)
    notebook.output(2).get_by_text("Poses(1 person, 640×480").wait_for()
    pixels = np.array(notebook.python("image[-16:].tolist()"), np.uint8)
    truth = camera_clip.xy[camera_clip.number(pixels), 0]
    found = np.array(notebook.python("poses.xy[0].tolist()"))
    assert np.linalg.norm(found - truth, axis=1).mean() < 10
    assert not notebook.errors
    notebook.close()


def test_the_kernel_answers_while_a_cell_runs_and_after_a_restart(page, lab):
    notebook = lab.open(["import time\nbusy = True\ntime.sleep(3)\nbusy = False", "busy"], page)
    notebook.start(0)
    page.wait_for_timeout(1000)
    assert notebook.python("busy") is True
    assert notebook.python("x = [1, {'a': 2.5}]\nx") == [1, {"a": 2.5}]
    notebook.wait_idle()
    assert notebook.python("busy") is False
    notebook.restart_kernel()
    with pytest.raises(RuntimeError, match="NameError"):
        notebook.python("busy")
    notebook.run(1)
    notebook.output(1).get_by_text("NameError").first.wait_for()
    notebook.close()
