import numpy as np
import pytest

from posekit.video.upright import off_angle, upright

ONE = 1 << 16
PICTURE = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (None, PICTURE),
        ((ONE, 0, 0, ONE), PICTURE),
        ((0, ONE, -ONE, 0), np.rot90(PICTURE, -1)),
        ((-ONE, 0, 0, -ONE), np.rot90(PICTURE, 2)),
        ((0, -ONE, ONE, 0), np.rot90(PICTURE)),
        ((-ONE, 0, 0, ONE), PICTURE[:, ::-1]),
        ((ONE, 0, 0, -ONE), PICTURE[::-1]),
        ((0, ONE, ONE, 0), PICTURE.transpose(1, 0, 2)),
    ],
)
def test_a_frame_is_turned_and_mirrored_by_its_matrix(matrix, expected):
    assert np.array_equal(upright(PICTURE, matrix), expected)
    assert off_angle(matrix) == 0


def test_a_turn_that_is_not_a_right_angle_is_known():
    cos, sin = int(ONE * np.cos(np.radians(30))), int(ONE * np.sin(np.radians(30)))
    assert off_angle((cos, sin, -sin, cos)) == off_angle((cos, -sin, sin, cos)) == 30
