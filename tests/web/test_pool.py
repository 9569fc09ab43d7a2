import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import posekit
from posekit.estimate import PoseModel
from posekit.web.pool import ModelPool


@pytest.fixture(scope="module")
def two():
    return ModelPool("lightning", 2)


def test_no_two_requests_use_the_same_model(two):
    both = threading.Barrier(2)

    def use():
        with two.checkout() as model:
            both.wait(60)  # at the same time
            return model

    with ThreadPoolExecutor(2) as visitors:
        one, other = (each.result() for each in [visitors.submit(use) for _ in range(2)])
    assert one is not other


@pytest.mark.slow
def test_answers_do_not_mix_when_many_ask_at_once(two, person, lightning):
    pictures = [np.ascontiguousarray(np.roll(person, 8 * shift, axis=1)) for shift in range(6)]
    expected = [lightning(picture).xy for picture in pictures]
    with ThreadPoolExecutor(12) as visitors:
        found = list(visitors.map(lambda picture: two.shared(picture).xy, pictures * 3))
    for xy, expect in zip(found, expected * 3, strict=True):
        np.testing.assert_allclose(xy, expect, atol=0.05)


def test_a_failure_puts_the_model_back(two):
    for _ in range(5):
        with pytest.raises(ZeroDivisionError), two.checkout():
            1 / 0  # noqa: B018
    assert two._idle.qsize() == 2


def test_the_shared_model_is_as_good_as_its_own(two, person, lightning):
    shared: PoseModel = two.shared
    assert (shared.name, shared.input_size, shared.live_size, shared.max_people) == ("lightning", 192, 192, 1)
    assert shared.default_min_confidence(2) == lightning.default_min_confidence(2)
    region = posekit.Region(100, 0, 480)
    np.testing.assert_allclose(shared.look(person, region).xy, lightning.look(person, region).xy, atol=0.05)
    assert len(shared(person, passes=1, min_confidence=0.99)) == 0


def test_a_model_that_is_not_there_is_an_error_at_once():
    with pytest.raises(posekit.UnknownModelError, match="thuner"):
        ModelPool("thuner", 2)
