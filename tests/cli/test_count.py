import json

import numpy as np
import pytest

import posekit
from posekit.cli import main


@pytest.mark.slow
def test_counts_the_squats_of_the_sample(capsys):
    clip = str(posekit.sample("squats"))
    assert main(["count", clip, "--exercise", "squat", "--model", "lightning"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].split() == ["id", "number", "side", "start", "extreme", "end", "depth"]
    assert len(said) == 6
    assert said[-1] == "squat: 4"


@pytest.mark.slow
def test_no_repetitions_are_an_answer_in_json_too(capsys):
    assert main(["count", str(posekit.sample("walk")), "--exercise", "push_up", "--model", "lightning", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"exercise": "push_up", "count": 0, "repetitions": [], "partial": []}


@pytest.mark.slow
def test_the_json_holds_the_extremes_of_the_truth(capsys):
    clip = str(posekit.sample("jumping_jacks"))
    assert main(["count", clip, "--exercise", "jumping_jack", "--model", "lightning", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    truth = posekit.ground_truth("jumping_jacks")
    frames = np.array(truth["people"][0]["repetitions"]["frames"])
    assert [each["extreme"] for each in found["repetitions"]] == pytest.approx(frames / truth["fps"], abs=0.15)


def test_an_unknown_exercise_and_a_missing_clip_are_explained(capsys):
    assert main(["count", "nowhere.mp4", "--exercise", "squats"]) == 1
    assert "did you mean 'squat'?" in capsys.readouterr().err
    assert main(["count", "nowhere.mp4", "--exercise", "squat"]) == 1
    assert "there is no file nowhere.mp4" in capsys.readouterr().err
