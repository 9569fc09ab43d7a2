import io
import json
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest


@pytest.fixture
def main(monkeypatch):
    """The worker's `main`, with a stand-in for MediaPipe, which is not installed here: nobody is in black pictures."""

    def process(pixels):
        points = [SimpleNamespace(x=0.25, y=float(pixels[-1, -1, 2]), visibility=1.0)] * 33
        return SimpleNamespace(pose_landmarks=SimpleNamespace(landmark=points) if pixels.any() else None)

    module = ModuleType("mediapipe")
    pose = SimpleNamespace(Pose=lambda **options: SimpleNamespace(process=process))
    module.solutions = SimpleNamespace(pose=pose)
    monkeypatch.setitem(sys.modules, "mediapipe", module)
    from posekit.evaluation import mediapipe_worker

    yield mediapipe_worker.main
    del sys.modules["posekit.evaluation.mediapipe_worker"]


def test_a_line_for_each_picture_until_the_input_ends(main, monkeypatch):
    """Pictures hold line ends as well, and none of their bytes is taken for a line."""
    pictures = [np.full((2, 5, 3), 10, np.uint8), np.zeros((3, 2, 3), np.uint8), np.full((1, 1, 3), 13, np.uint8)]
    content = b"".join(b"%d %d\n%b" % (*picture.shape[:2], picture.tobytes()) for picture in pictures)
    answers = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    monkeypatch.setattr(sys, "stdout", answers)
    main()
    first, second, third = map(json.loads, answers.getvalue().splitlines())
    assert first == [[0.25, 10.0, 1.0]] * 33
    assert second is None
    assert third == [[0.25, 13.0, 1.0]] * 33
