import pytest
from motion_clips import TRAINING, posed_tracks

import posekit


def test_an_exercise_of_ones_own(squats):
    dip = posekit.Exercise("dip", lambda body, side: body.height("shoulder", above="ankle", per="leg"), rest=1.6, full=1.0)
    assert len(posekit.repetitions(squats[0], dip)) == 4


def test_an_unknown_exercise_is_explained():
    with pytest.raises(posekit.PosekitError, match="did you mean 'push_up'"):
        posekit.RepetitionCounter("pushup")
    with pytest.raises(posekit.PosekitError, match=r"there is no exercise \['squat'\]"):
        posekit.RepetitionCounter(["squat"])
    with pytest.raises(posekit.PosekitError, match="rest and full are both 1"):
        posekit.Exercise("nothing", lambda body, side: 1.0, rest=1, full=1)


@pytest.mark.slow
@pytest.mark.parametrize("turn", [0, 45, 90, 180, -60])
@pytest.mark.parametrize("what", TRAINING)
def test_exercises_are_counted_exactly_from_every_side(what, turn):
    exercise, pose, seconds, count = TRAINING[what]
    if (what, turn) == ("push_ups", 180):
        pytest.skip("from behind its feet, a body on hands and toes looks as if it stood")
    found = posekit.repetitions(posed_tracks(pose, seconds, turn), exercise)
    assert len(found) == count
    if what in ("lunges", "curls"):
        assert found["side"].tolist() == ["left", "right"] * (count // 2)
