import numpy as np
import pytest

from posekit.drawing import draw_angles
from posekit.pose import ANGLES, Poses


def arms(degrees, size=(640, 480)):
    """One person of whom only the left arm is seen: its elbow in the middle, bent by so many degrees."""
    xy, score = np.zeros((1, 17, 2), np.float32), np.full((1, 17), 0.1, np.float32)
    shoulder, elbow, wrist = ANGLES["left_elbow"]
    turn = np.radians(degrees)
    xy[0, [shoulder, elbow, wrist]] = [[320, 140], [320, 240], [320 + 100 * np.sin(turn), 240 - 100 * np.cos(turn)]]
    score[0, [shoulder, elbow, wrist]] = 0.9
    box = np.array([[200, 100, 450, 400]], np.float32)
    return Poses(xy, score, box, np.ones(1, np.float32), size)


def changed(image, drawn):
    """The middle of what was drawn: x, y."""
    rows, columns = np.nonzero((image != drawn).any(axis=2))
    return columns.mean(), rows.mean()


@pytest.mark.parametrize("degrees", [45, 90, 150])
def test_the_number_is_on_the_outer_side_of_the_bend(degrees):
    image = np.full((480, 640, 3), 128, np.uint8)
    x, y = changed(image, draw_angles(image, arms(degrees)))
    assert x < 320  # the wrist is on the right
    assert 10 < np.hypot(x - 320, y - 240) < 60


def test_what_is_not_seen_has_no_angle_and_the_picture_stays_as_it_was():
    image = np.full((480, 640, 3), 128, np.uint8)
    drawn = draw_angles(image, arms(90), threshold=0.95)
    np.testing.assert_array_equal(drawn, image)
    draw_angles(image, arms(90))
    assert (image == 128).all()


def test_other_angles_look_different():
    image = np.zeros((480, 640, 3), np.uint8)
    assert (draw_angles(image, arms(90)) != draw_angles(image, arms(91))).any()
