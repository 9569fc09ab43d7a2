import pickle

import numpy as np
import pytest

import posekit
from posekit.pose.readonly import read_only


@pytest.fixture
def array():
    return read_only(np.arange(6, dtype=np.float32).reshape(2, 3), np.float32)


def test_writing_is_refused_and_says_what_to_do(array):
    def subtract(array):
        array -= 1

    def into_a_view(array):
        array[0][1] = 5

    for write in (subtract, into_a_view):
        with pytest.raises(posekit.PosekitError, match=r"\.copy\(\)"):
            write(array)
    with pytest.raises(ValueError, match="read-only"):
        array.fill(0)
    assert array.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_copies_and_choices_can_be_changed(array):
    for mine in (array.copy(), array[[1]], array[array > 2], np.array(array), array.astype(np.float64)):
        mine[0] = 9
        mine += 1
        assert (mine[0] == 10).all()


def test_results_are_ordinary_arrays_and_numbers(array):
    assert {type(each) for each in (array + 1, -array, np.sqrt(array), array.sum(axis=0), array > 2)} == {np.ndarray}
    assert isinstance(array.mean(), np.float32)
    assert isinstance(array[0, 0], np.float32)
    assert type(pickle.loads(pickle.dumps(array))) is np.ndarray


def test_only_what_must_be_copied_is_copied(array):
    floats, integers = np.zeros(3, np.float32), np.zeros(3, int)
    assert read_only(array, np.float32) is array
    assert np.shares_memory(read_only(floats, np.float32), floats)
    assert read_only(integers, np.float32).dtype == np.float32
    floats[0] = integers[0] = 1  # these stay as they were
