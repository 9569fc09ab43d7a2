import json

import numpy as np
import pytest

from posekit.bench import core as bench

pytest.importorskip("av")


@pytest.mark.slow
def test_every_step_and_stage_is_measured(monkeypatch):
    read = bench.read_video
    monkeypatch.setattr(bench, "read_video", lambda source: list(read(source))[:24])
    result = bench.benchmark("lightning", rounds=1)
    assert all(each["ms"] > 0 for each in result["steps"].values())
    assert set(result["clips"]) == {"480p", "720p"}
    table = bench.report(result)
    assert all(step in table for step in result["steps"])
    assert json.loads(json.dumps(result)) == result


@pytest.mark.slow
def test_a_step_is_the_median_of_its_rounds_beside_the_bare_interpreter(monkeypatch):
    """With a clock that each step advances: three rounds, one of them disturbed, after one to warm up."""
    now = [0.0]
    monkeypatch.setattr(bench.time, "perf_counter", lambda: now[0])
    seconds = {"bare interpreter": [9, 0.002, 0.002, 7], "draw": [9, 5, 0.003, 0.003]}

    def taking(times):
        left = iter(times)
        return lambda frame: now.__setitem__(0, now[0] + next(left))

    monkeypatch.setattr(bench, "_steps", lambda model, frames: {step: taking(times) for step, times in seconds.items()})
    monkeypatch.setattr(bench, "_clip", lambda *_: {})
    steps = bench.benchmark(rounds=3)["steps"]
    assert steps["bare interpreter"] == pytest.approx({"ms": 2, "ratio": 1})
    assert steps["draw"] == pytest.approx({"ms": 3, "ratio": 1.5})


def test_a_clip_is_compared_with_its_slowest_stage(monkeypatch):
    rates = iter([100.0, 40.0, 50.0, 30.0])  # decode, infer, encode, whole
    monkeypatch.setattr(bench, "_rate", lambda run, count: next(rates))
    monkeypatch.setattr(bench, "annotate_video", lambda *_, **__: None)
    clip = bench._clip("lightning", [np.zeros((48, 64, 3), np.uint8)] * 2, (64, 48))
    assert clip == {"decode": 100, "infer": 40, "encode": 50, "whole": 30, "whole / slowest": 0.75}


@pytest.mark.slow
def test_the_tutorials_drawing_draws_the_pose(person, waving):
    drawn = bench.tutorial_figure()(person, waving.xy[0])
    assert drawn.shape == person.shape
    x, y = waving.xy[0, 9].astype(int)
    red, green = drawn[y, x, :2].astype(int)
    assert red > 200 > 120 > green, "a pink dot on the left wrist"
