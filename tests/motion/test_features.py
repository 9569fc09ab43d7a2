import numpy as np
import pytest

import posekit
from posekit.motion.features import mirror
from posekit.pose import Poses

TRUTH = np.array(posekit.ground_truth("person")["people"][0]["xy"], np.float32)


def people_of(xy):
    n = len(xy)
    return Poses(
        xy.astype(np.float32), np.ones((n, 17), np.float32), np.zeros((n, 4), np.float32), np.ones(n, np.float32), (640, 480)
    )


def test_features_depend_neither_on_place_nor_on_size():
    features = posekit.pose_features(people_of(np.concatenate([TRUTH, TRUTH + 100, TRUTH * 3, TRUTH / 7 - 50])))
    assert features.shape == (4, 26)
    assert features == pytest.approx(np.repeat(features[:1], 4, axis=0), abs=1e-4)
    assert np.abs(features).max() <= 1


def test_mirrored_features_do_not_depend_on_the_side_either():
    both = people_of(np.concatenate([TRUTH, mirror(TRUTH)]))
    one, other = posekit.pose_features(both, mirrored=True)
    assert one == pytest.approx(other, abs=1e-4)
    one, other = posekit.pose_features(both)
    assert np.abs(one - other).max() > 0.1


def test_poses_come_as_a_list_or_one_by_one():
    people = people_of(TRUTH)
    expected = posekit.pose_features(people)
    assert (posekit.pose_features(list(people)) == expected).all()
    assert (posekit.pose_features(people[0]) == expected).all()
    assert posekit.pose_features([]).shape == (0, 26)


def test_missing_points_and_a_body_without_size_stay_numbers():
    hidden = TRUTH.copy()
    hidden[0, 9] = np.nan
    assert np.isfinite(posekit.pose_features(people_of(np.concatenate([hidden, TRUTH * 0, TRUTH * np.nan])))).all()
