import numpy as np


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
