import numpy as np
import pytest

import posekit
from posekit.motion.body import BoneMeter
from posekit.pose import INDEX

STANDING = np.array(posekit.ground_truth("squats")["people"][0]["xy"][0])


def test_heights_and_distances_are_those_of_the_points():
    body = BoneMeter()(STANDING, 0.0)
    hips, ankles = STANDING[[11, 12]].mean(axis=0), STANDING[[15, 16]].mean(axis=0)
    assert body.height("hip", above="ankle", per="leg") == pytest.approx((ankles[1] - hips[1]) / body.bones["leg"])
    assert body.height("hip", above="ankle", per="leg") == pytest.approx(0.97, abs=0.05)
    assert body.apart("ankle", "leg") * body.bones["leg"] == pytest.approx(abs(STANDING[15, 0] - STANDING[16, 0]))
    assert body.angle("left_knee") == pytest.approx(posekit.ground_truth("squats")["people"][0]["angles"]["left_knee"][0], abs=8)


def test_of_a_pair_of_which_one_is_missing_the_other_counts():
    hidden = STANDING.copy()
    hidden[INDEX["left_hip"]] = np.nan
    body = BoneMeter()(hidden, 0.0)
    assert body.point("hip") == pytest.approx(STANDING[INDEX["right_hip"]])
    assert np.isnan(body.point("hip", "left")).all()


def test_bones_keep_their_length_while_they_are_foreshortened_and_forget_it_after_a_while():
    meter = BoneMeter()
    long = meter(STANDING, 0.0).bones["thigh"]
    short = STANDING.copy()
    short[[13, 14, 15, 16]] += np.tile(0.6 * (STANDING[[11, 12]] - STANDING[[13, 14]]), (2, 1))
    for i in range(1, 5):
        body = meter(short, i / 10)
    assert body.bones["thigh"] == long
    for i in range(5, 150):
        body = meter(short, i / 10)
    assert body.bones["thigh"] < 0.9 * long


def test_nobody_has_bones_of_no_length():
    body = BoneMeter()(np.full((17, 2), np.nan), 0.0)
    assert min(body.bones.values()) > 0
    assert np.isnan(body.height("hip", "ankle", "leg"))


def test_an_unknown_joint_is_explained():
    with pytest.raises(posekit.PosekitError, match="did you mean 'knee'"):
        BoneMeter()(STANDING, 0.0).point("knie")
