import dataclasses

import numpy as np
import pytest

from posekit import Poses, Region
from posekit.estimate import agreement, refine, refine_region


def error(poses, truth):
    return np.hypot(*(poses.xy[0] - truth).T)


def test_the_second_look_is_closer_to_the_truth(lightning, person, person_xy):
    large = np.full((960, 1280, 3), 200, np.uint8)
    large[100:580, 500:1140] = person
    truth = person_xy + (500, 100)
    once, twice = lightning(large, passes=1, min_confidence=0), lightning(large, passes=2)
    assert error(twice, truth).mean() < 0.7 * error(once, truth).mean()


def test_legs_alone_are_found_although_the_two_looks_exchange_left_and_right(lightning, person):
    legs = person[230:].copy()
    first, (both,) = lightning.look(legs), lightning(legs)
    assert first[0]["left_ankle"].x < first[0]["right_ankle"].x, "else this picture says nothing: choose another"
    assert both["left_ankle"].x > both["right_ankle"].x
    assert both.confidence > 0.13


@pytest.fixture
def grid():
    """One person in a picture of 640×480, whose keypoints lie on a diagonal: the i-th at (100 + 10 i, 100 + 10 i)."""
    points = 100 + 10 * np.arange(17, dtype=np.float32)
    return Poses(np.stack([points, points], axis=-1)[None], np.zeros((1, 17)), [[100, 100, 260, 260]], [0.5], (640, 480))


def scored(poses, scores):
    values = np.zeros((1, 17))
    for keypoint, score in scores.items():
        values[0, keypoint] = score
    return dataclasses.replace(poses, score=values)


@pytest.mark.parametrize(
    ("scores", "low", "high"),
    [
        ({0: 0.11, 5: 0.9, 10: 0.9}, 0, 10),  # three over 0.1 are enough
        ({0: 0.09, 4: 0.9, 5: 0.9, 10: 0.9}, 4, 10),
        ({0: 0.9, 10: 0.11, 12: 0.09, 13: 0.08, 14: 0.07}, 0, 13),  # two are not: the best four
    ],
)
def test_the_second_look_goes_around_what_was_located(grid, scores, low, high):
    side = int(1.3 * 10 * (high - low))
    corner = round(100 + 10 * (low + high) / 2 - side / 2)
    assert refine_region(scored(grid, scores)) == Region(corner, corner, side)


def test_a_person_outside_the_picture_has_no_confidence(lightning, person, grid):
    outside = dataclasses.replace(scored(grid, {0: 0.9, 5: 0.9, 10: 0.9}), xy=grid.xy + 2000)
    assert refine(lightning, person, outside).confidence.tolist() == [0]


def test_two_looks_that_agree_keep_the_mean_score_and_others_lose_it(waving):
    far = dataclasses.replace(waving, xy=waving.xy + 500)
    assert agreement(waving, waving).confidence[0] == pytest.approx(0.9)
    assert agreement(far, waving).confidence[0] < 0.01
    assert agreement(far, waving, tolerance=20).confidence[0] > 0.3
