import json
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import posekit
from posekit.evaluation import outsiders
from posekit.pose import KEYPOINTS

#: The names of BlazePose's 33 landmarks, as its documentation lists them.
LANDMARKS = """\
nose, left eye inner, left eye, left eye outer, right eye inner, right eye, right eye outer, left ear, right ear, mouth
left, mouth right, left shoulder, right shoulder, left elbow, right elbow, left wrist, right wrist, left pinky, right
pinky, left index, right index, left thumb, right thumb, left hip, right hip, left knee, right knee, left ankle, right
ankle, left heel, right heel, left foot index, right foot index""".replace("\n", " ").split(", ")

#: Stands in for MediaPipe, whose environment takes a gigabyte: finds somebody in all pictures but black ones.
STAND_IN = """
from types import SimpleNamespace as Some
class Pose:
    def __init__(self, static_image_mode, model_complexity):
        assert (static_image_mode, model_complexity) == (True, 1)
        print("a line that is no answer")
    def process(self, pixels):
        if pixels.max() == 255:
            raise SystemExit(7)
        points = [Some(x=i / 40, y=pixels[0, 0, 0] / 100, visibility=0.5 + i / 100) for i in range(33)]
        return Some(pose_landmarks=Some(landmark=points) if pixels.any() else None)
solutions = Some(pose=Some(Pose=Pose))
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    (tmp_path / "mediapipe.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    model = outsiders.MediaPipe(sys.executable)
    yield model
    model.close()


def test_each_keypoint_is_the_landmark_of_its_name():
    assert [LANDMARKS[i].replace(" ", "_") for i in outsiders.BLAZEPOSE] == list(KEYPOINTS)


@pytest.mark.slow
def test_landmarks_become_pixels_of_the_picture(stand_in):
    """With a stand-in for MediaPipe."""
    for red in (25, 50):
        poses = stand_in(np.full((300, 400, 3), red, np.uint8))
        assert (len(poses), poses.size) == (1, (400, 300))
        assert poses[0]["left_wrist"] == pytest.approx((150, 3 * red, 0.65))
    assert len(stand_in(np.zeros((5, 7, 3), np.uint8))) == 0


@pytest.mark.slow
def test_a_process_that_stops_is_an_error(stand_in):
    """With a stand-in for MediaPipe."""
    for _ in range(2):
        with pytest.raises(posekit.PosekitError, match="MediaPipe stopped with exit code 7"):
            stand_in(np.full((9, 9, 3), 255, np.uint8))


installs_it = pytest.mark.skipif("POSEKIT_EXTRAS" not in os.environ, reason="installs a gigabyte: make test-extras")


@pytest.mark.slow
@installs_it
def test_the_real_one_stands_beside_ours():
    words = [sys.executable, "-m", "posekit", "bench", "--compare", "lightning", "mediapipe", "--json"]
    run = subprocess.run(words, stdout=subprocess.PIPE, check=False)
    assert run.returncode == 0
    found = json.loads(run.stdout)
    assert all(0.5 < found["models"][name]["ap"] < 1 for name in ("lightning", "mediapipe")), found


@pytest.mark.slow
@installs_it
def test_the_real_one_finds_the_rendered_person(person, person_xy):
    model = outsiders.MediaPipe()
    assert np.linalg.norm(model(person).xy[0] - person_xy, axis=1).mean() < 10
    model.close()


def test_a_python_that_it_runs_on_is_needed(tmp_path, monkeypatch):
    monkeypatch.setenv("POSEKIT_MODELS", str(tmp_path))
    monkeypatch.setattr(outsiders, "MEDIAPIPE_PYTHONS", ("python2.9",))
    with pytest.raises(posekit.PosekitError, match=r"needs one of python2\.9, and none of them is installed"):
        outsiders.mediapipe_python()


def test_an_installation_that_fails_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("POSEKIT_MODELS", str(tmp_path))
    monkeypatch.setattr(outsiders, "MEDIAPIPE_PYTHONS", (f"python{sys.version_info.major}.{sys.version_info.minor}",))
    commands = []

    def run(*command):
        commands.append(command[1:4])
        if len(commands) == 2:
            raise posekit.PosekitError("no network")

    monkeypatch.setattr(outsiders, "_run", run)
    with pytest.raises(posekit.PosekitError, match="no network"):
        outsiders.mediapipe_python()
    (tmp_path / "mediapipe-0.10.21").mkdir()  # as the venv module has left it
    python = outsiders.mediapipe_python()
    assert [command[1] for command in commands] == ["venv", "pip", "venv", "pip"]
    assert outsiders.mediapipe_python() == python
    assert len(commands) == 4


def blue_people(image):
    """Two people with the blue of the first pixel as x; the second one has the higher confidence."""
    xy = np.full((2, 17, 2), float(image[0, 0, 0]))
    return xy, np.array([[0.3] * 17, [0.8] * 17])


def test_ultralytics_gets_bgr_and_answers_with_the_surest_first():
    """With a stand-in: its weights cannot be had where these tests run."""

    def model(image, verbose):
        points = np.dstack(blue_people(image)) if image.any() else np.zeros((1, 0, 3))
        data = SimpleNamespace(cpu=lambda: SimpleNamespace(numpy=lambda: points))
        return [SimpleNamespace(keypoints=SimpleNamespace(data=data))]

    model = outsiders.ultralytics(model)
    poses = model(np.full((20, 30, 3), (1, 2, 3), np.uint8))
    assert poses.confidence.tolist() == pytest.approx([0.8, 0.3])
    assert (poses.xy == 3).all()
    assert len(model(np.zeros((20, 30, 3), np.uint8))) == 0


def test_rtmlib_gets_bgr_and_answers_with_the_surest_first():
    """With a stand-in: its weights cannot be had where these tests run."""
    poses = outsiders.rtmlib(blue_people)(np.full((20, 30, 3), (1, 2, 3), np.uint8))
    assert poses.confidence.tolist() == pytest.approx([0.8, 0.3])
    assert (poses.xy == 3).all()


def test_the_size_of_mediapipe_is_that_of_the_files_it_runs(tmp_path):
    modules = tmp_path / "lib" / "python3.11" / "site-packages" / "mediapipe" / "modules"
    for name, size in {
        "pose_detection/pose_detection.tflite": 1_500_000,
        "pose_landmark/pose_landmark_full.tflite": 500_000,
    }.items():
        (modules / name).parent.mkdir(parents=True)
        (modules / name).write_bytes(bytes(size))
    assert outsiders._megabytes(tmp_path / "bin" / "python") == 2
    assert np.isnan(outsiders._megabytes(tmp_path / "elsewhere" / "bin" / "python"))
