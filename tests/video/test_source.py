import numpy as np

from posekit.video.source import Source


def test_frames_take_the_size_of_the_first_one_and_that_is_told_once():
    source = Source()
    first = np.full((4, 6, 3), 7, np.uint8)
    assert source.fit(first) is first
    for size in ((8, 12), (2, 2), (8, 12)):
        fitted = source.fit(np.full((*size, 3), 9, np.uint8))
        assert fitted.shape == (4, 6, 3)
        assert (fitted == 9).all()
    assert source.notes == ["not all frames have the same size; they are scaled to the first one's, 6×4"]
