import io

import numpy as np
import pytest
from PIL import Image

from posekit.drawing import encode_jpeg, encode_png, shrink

RED = np.full((40, 80, 3), (255, 0, 0), np.uint8)


def test_png_keeps_every_pixel_and_the_order_of_the_colours():
    assert (np.asarray(Image.open(io.BytesIO(encode_png(RED)))) == RED).all()


def test_jpeg_keeps_the_order_of_the_colours_and_is_smaller_at_a_lower_quality(person):
    assert np.abs(np.asarray(Image.open(io.BytesIO(encode_jpeg(RED)))).astype(int) - RED).max() < 6
    assert len(encode_jpeg(person, quality=50)) < len(encode_jpeg(person, quality=95))


@pytest.mark.parametrize(("longest", "shape"), [(100, (40, 80, 3)), (80, (40, 80, 3)), (40, (20, 40, 3)), (1, (1, 1, 3))])
def test_the_longer_side_is_what_was_asked_for(longest, shape):
    assert shrink(RED, longest).shape == shape
