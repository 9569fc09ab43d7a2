import numpy as np
import pytest
from motion_clips import TRAINING, posed_tracks, tracks_of, true_tracks

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


def test_an_exercise_that_cannot_work_says_why(squats):
    def still(body, side):
        return 1.0

    for settings, match in (
        ({"rest": "low"}, "a number as rest of dip; got 'low'"),
        ({"full": float("nan")}, "a number as full of dip; got nan"),
        ({"shortest": None}, "a number as shortest"),
        ({"signal": None}, "signal is a function"),
        ({"posture": "lying"}, "posture one of"),
        ({"joints": "knee"}, "tuples of names"),
        ({"fixed": ("knie",)}, "did you mean 'knee'"),
    ):
        with pytest.raises(posekit.PosekitError, match=match):
            posekit.Exercise(**{"name": "dip", "signal": still, "rest": 0, "full": 1} | settings)
    for signal, match in (
        (lambda body, side: None, "a signal that takes .* and returns a number"),
        (lambda body: 1.0, "a signal that takes"),
        (lambda body, side: body.height("hip", above="ankle", per="legs"), "no bone 'legs'; did you mean 'leg'"),
        (lambda body, side: body.point("hip", "lef")[0], "no side 'lef'; did you mean 'left'"),
        (lambda body, side: body.angle("knee"), "no angle 'knee'; did you mean"),
    ):
        with pytest.raises(posekit.PosekitError, match=match):
            posekit.repetitions(squats[0], posekit.Exercise("dip", signal, rest=0, full=1))


def test_arms_that_are_held_up_over_feet_that_hardly_move_make_no_jumping_jack():
    """As in a gym's stretching; the feet of the rendered jumping jacks, moved apart by a quarter of the way."""
    _, truth = true_tracks("jumping_jacks")
    xy = np.array(truth["xy"])
    closed = np.abs(xy[:, 15, 0] - xy[:, 16, 0]).argmin()
    xy[:, 13:] = xy[closed, 13:] + 0.25 * (xy[:, 13:] - xy[closed, 13:])
    assert len(posekit.repetitions(tracks_of(xy), "jumping_jack")) == 0


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
