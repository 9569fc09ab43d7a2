"""PostureRecorder: the kernel's half. What a browser sends are steps: an example with its points, or an undo."""

import ipywebrtc
import numpy as np
import pytest
from widgets.test_live_pose import Browser

import posekit
from posekit.widgets import PostureRecorder

TRUTH = posekit.ground_truth("squats")["people"][0]
POSES, LOW = TRUTH["xy"], TRUTH["repetitions"]["frames"][0]


@pytest.fixture
def make(monkeypatch):
    made = []

    def make(*classes, **options):
        recorder = PostureRecorder(ipywebrtc.CameraStream(constraints={"audio": False, "video": True}), classes, **options)
        made.append(recorder)
        return recorder, Browser(recorder, monkeypatch)

    yield make
    for recorder in made:
        recorder.close()


def collect(browser, seq, label, frame=0):
    points = [[x, y, 0.9] for x, y in POSES[frame]]
    browser.send("collect", seq=seq, label=label, points=points, size=[640, 480])


def test_examples_are_the_points_that_were_seen_when_the_button_was_pressed(make):
    recorder, browser = make("stand", "squat")
    assert posekit.PostureRecorder is PostureRecorder
    assert repr(recorder) == "PostureRecorder(stand × 0, squat × 0)"
    for seq, (label, frame) in enumerate([("stand", 0), ("squat", LOW), ("squat", LOW + 1)], 1):
        collect(browser, seq, label, frame)
    assert recorder.labels == ["stand", "squat", "squat"]
    assert recorder.examples[1].xy == pytest.approx(np.array(POSES[LOW]), abs=0.01)
    assert recorder.examples[0].score == pytest.approx(np.full(17, 0.9))
    assert recorder.examples[0].size == (640, 480)
    assert recorder._collected == {"labels": recorder.labels, "received": {"tab": 3}}
    assert repr(recorder) == "PostureRecorder(stand × 1, squat × 2)"
    classifier = posekit.PostureClassifier().fit(recorder.examples, recorder.labels)
    assert classifier.predict(recorder.examples[:2]) == ["stand", "squat"]


def test_a_step_that_comes_twice_counts_once_and_each_tab_has_its_own(make):
    recorder, browser = make("stand")
    for seq in (1, 2, 1, 2, 3):
        collect(browser, seq, "stand")
    browser.client = "other tab"
    collect(browser, 1, "stand")
    assert len(recorder.examples) == 4
    browser.send("undo", seq=2)
    browser.send("undo", seq=2)
    assert len(recorder.examples) == len(recorder.labels) == 3
    assert recorder._collected["received"] == {"tab": 3, "other tab": 2}


def test_the_last_is_undone_and_nothing_more_than_all(make):
    recorder, browser = make("stand", "squat")
    collect(browser, 1, "stand")
    collect(browser, 2, "squat")
    recorder.undo()
    assert recorder.labels == ["stand"]
    recorder.undo()
    recorder.undo()
    assert recorder.examples == recorder.labels == recorder._collected["labels"] == []


def test_a_class_that_comes_with_its_first_example_is_added(make):
    recorder, browser = make("stand")
    collect(browser, 1, "tree")
    assert recorder.classes == ["stand", "tree"]


def test_what_was_collected_is_there_after_the_widget_is_closed_and_after_a_new_start(make):
    recorder, browser = make("stand")
    collect(browser, 1, "stand")
    browser.start()
    assert recorder.labels == ["stand"]
    recorder.close()
    assert len(recorder.examples) == 1


def test_it_is_saved_for_the_classifier_and_for_another_session(make, tmp_path):
    recorder, browser = make("stand", "squat")
    with pytest.raises(posekit.PosekitError, match="one at least; got 0 poses"):
        recorder.save(tmp_path / "mine")
    collect(browser, 1, "stand")
    collect(browser, 2, "squat", LOW)
    folder = recorder.save(tmp_path / "mine")
    assert posekit.PostureClassifier.load(folder).predict(recorder.examples) == ["stand", "squat"]
    other, tab = make("tree")
    collect(tab, 1, "tree", 5)
    other.load(folder)
    assert other.labels == ["tree", "stand", "squat"]
    assert other.classes == ["tree", "stand", "squat"]
    assert other.examples[2].xy == pytest.approx(recorder.examples[1].xy)
    with pytest.raises(posekit.PosekitError, match="holds examples already"):
        other.save(folder)
    other.save(folder, overwrite=True)
    assert posekit.PostureClassifier.load(folder).labels == other.labels
    with pytest.raises(posekit.PosekitError, match="holds no classifier"):
        other.load(tmp_path)


def test_invalid_points_are_reported_and_left_out(make):
    recorder, browser = make("stand")
    for seq, points in enumerate(([[1, 2, 3]], [[None, 0, 0]] * 17), 1):
        browser.send("collect", seq=seq, label="stand", points=points, size=[640, 480])
        assert "expected x, y and score of 17 points" in recorder.error
    assert recorder.labels == []


@pytest.mark.parametrize("classes", [["stand", " "], ["stand", "stand "], ""])
def test_classes_need_names_of_their_own(classes):
    with pytest.raises(posekit.PosekitError, match="expected names of postures"):
        PostureRecorder(ipywebrtc.CameraStream(), classes)


def test_it_takes_what_livepose_takes_and_refuses_what_is_misspelt(make):
    recorder, _ = make("stand", model="thunder", mirror=True)
    assert (recorder.model, recorder.mirror) == ("thunder", True)
    with pytest.raises(TypeError, match="clases"):
        PostureRecorder(ipywebrtc.CameraStream(), clases=["stand"])
