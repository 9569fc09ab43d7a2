import cmath

import numpy as np
import pytest

from posekit.pose import angle_between, joint_angle


def test_angles_agree_with_complex_numbers():
    u, v = np.random.default_rng(5).normal(size=(2, 100, 2))
    expected = [abs(np.degrees(cmath.phase(complex(*a) / complex(*b)))) for a, b in zip(u, v, strict=True)]
    assert angle_between(u, v) == pytest.approx(expected, abs=1e-9)


def test_a_joint_angle_is_exact_where_the_limb_is_almost_straight():
    limb = [[-1, 0], [0, 0], [1, 1e-9]]
    assert 180 - joint_angle(limb) == pytest.approx(np.degrees(1e-9), rel=1e-6)


def test_angles_of_many_frames_at_once_are_nan_where_a_point_is_missing():
    frames = np.array([[[0, 1], [0, 0], [1, 0]], [[0, 1], [0, 0], [np.nan, 0]], [[0, 0], [0, 0], [1, 0]]])
    assert joint_angle(frames) == pytest.approx([90, np.nan, np.nan], nan_ok=True)
