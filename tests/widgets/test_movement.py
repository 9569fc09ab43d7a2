"""LivePose that counts: the kernel's half. What a browser sends are the frames of the rendered squats."""

import ipywebrtc
import numpy as np
import pytest
from track.test_live import jpeg
from widgets.test_live_pose import Browser

import posekit

SIZE = (640, 480)


@pytest.fixture
def make(monkeypatch):
    made = []

    def make(**options):
        live = posekit.LivePose(ipywebrtc.CameraStream(constraints={"audio": False, "video": True}), **options)
        made.append(live)
        browser = Browser(live, monkeypatch)
        browser.start()
        return live, browser

    yield make
    for live in made:
        live.close()


def play(browser, clip="squats", every=3):
    """Sends frames as a browser cuts them; returns the answers."""
    answers, region = [], None
    for number, (time, frame) in enumerate(posekit.read_video(posekit.sample(clip)).timed()):
        if number % every:
            continue
        where = region or [0, -80, 640]
        request = {"region": where, "size": list(SIZE), "time": 5 + time, "seq": number + 1, "stats": None}
        answers.append(browser.send("frame", jpeg(frame, where, 192), **request))
        region = answers[-1]["region"]
    return answers


@pytest.mark.slow
def test_the_live_count_is_that_of_the_recording_and_of_the_truth(make):
    live, browser = make(exercise="squat")
    live._recording.start()
    answers = play(browser)
    assert answers[-1]["movement"]["count"] == live.repetitions == 4
    assert max(each["movement"]["depth"] or 0 for each in answers) > 0.8
    assert {each["movement"]["way"] for each in answers} == {"", "down", "up"}
    offline = posekit.repetitions(live.recording, "squat")
    table = live.counter.to_pandas()
    assert len(offline) == 4
    for name in ("start", "extreme", "end"):
        assert (table[name] - 5).to_numpy() == pytest.approx(offline[name].to_numpy(), abs=0.2)
    assert (live.phase, live.partial) == ("rest", 0)
    assert live.depth == pytest.approx(0, abs=0.3)
    browser.send("recount")
    assert (live.repetitions, live.phase, len(live.counter.repetitions)) == (0, "", 0)
    assert np.isnan(live.depth)


def test_another_exercise_starts_at_0_and_none_counts_nothing(make, person):
    live, browser = make(exercise="squat")
    live.repetitions = 3
    live.exercise = "curl"
    assert (live.repetitions, live.counter.exercise.name) == (0, "curl")
    live.exercise = ""
    assert live.counter is None
    assert browser.frame(person)["movement"] == {}
    live.exercise = "sqat"
    assert "did you mean 'squat'" in live.error


@pytest.mark.slow
def test_an_exercise_of_ones_own_is_in_the_menu(make):
    dip = posekit.Exercise("dip", lambda body, side: body.height("shoulder", above="ankle", per="leg"), rest=1.6, full=1.0)
    live, browser = make(exercise=dip)
    assert live._exercises == [*posekit.EXERCISES, "dip"]
    live.exercise = "squat"
    live.exercise = "dip"
    assert live.counter.exercise is dip
    assert play(browser, every=6)[-1]["movement"]["count"] == 4


def test_without_an_exercise_there_is_no_menu_and_a_misspelt_one_is_refused(make):
    live, _ = make()
    assert (live.exercise, live._exercises, live.counter) == ("", [], None)
    with pytest.raises(posekit.PosekitError, match="did you mean 'squat'"):
        make(exercise="squats")


def test_the_posture_of_the_person_is_named(make, person, waving):
    live, browser = make(postures=posekit.PostureClassifier().fit(waving, ["wave"]))
    assert browser.frames(person)["movement"] == {"posture": "wave"}
    assert live.posture == "wave"
    browser.frame(np.zeros_like(person), seq=9, when=9.0)
    assert live.posture == ""
