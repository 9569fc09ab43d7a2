import json

import pytest

from posekit import cli
from posekit.bench import core as bench

pytest.importorskip("av")


@pytest.mark.slow
def test_every_step_is_measured_against_the_bare_interpreter():
    result = bench.benchmark("lightning", rounds=1)
    assert result["steps"]["bare interpreter"]["ratio"] == 1
    assert all(each["ms"] > 0 for each in result["steps"].values())
    for clip in result["clips"].values():
        slowest = min(clip[stage] for stage in ("decode", "infer", "encode"))
        assert clip["whole / slowest"] == pytest.approx(clip["whole"] / slowest)
    table = bench.report(result)
    assert all(step in table for step in result["steps"])
    assert json.loads(json.dumps(result)) == result


def test_the_tutorials_drawing_draws_the_pose(person, waving):
    drawn = bench._tutorial_figure()(person, waving.xy[0])
    assert drawn.shape == person.shape
    x, y = waving.xy[0, 9].astype(int)
    red, green = drawn[y, x, :2].astype(int)
    assert red > 200 > 120 > green, "a pink dot on the left wrist"


def test_the_command_knows_its_models(capsys):
    with pytest.raises(SystemExit):
        cli.main(["bench", "--model", "multipose"])
    assert "choose from" in capsys.readouterr().err
