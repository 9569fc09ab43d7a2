import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from web.waiting import eventually

import posekit
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
    def look(picture):
        with two.checkout() as model:
            return model(picture).xy

    pictures = [np.ascontiguousarray(np.roll(person, 8 * shift, axis=1)) for shift in range(6)]
    expected = [lightning(picture).xy for picture in pictures]
    with ThreadPoolExecutor(12) as visitors:
        found = list(visitors.map(look, pictures * 3))
    for xy, expect in zip(found, expected * 3, strict=True):
        np.testing.assert_allclose(xy, expect, atol=0.05)


def test_a_failure_puts_the_model_back(two):
    for _ in range(5):
        with pytest.raises(ZeroDivisionError), two.checkout():
            1 / 0  # noqa: B018
    assert len(two._idle) == 2


def test_visitors_take_turns_however_much_each_of_them_asks(two):
    order, came = [], threading.Semaphore(0)

    def use(visitor):
        with two.checkout(visitor):
            order.append(visitor)
            came.release()

    def wait(count):
        assert eventually(lambda: len(two._waiting) == count)

    with ThreadPoolExecutor(24) as threads, contextlib.ExitStack() as held:
        held.enter_context(two.checkout("greedy"))
        with two.checkout("greedy"):
            for _ in range(12):
                threads.submit(use, "greedy")
            wait(12)
            for visitor in ("one", "one", "other"):  # they came last
                threads.submit(use, visitor)
            wait(15)
        assert all(came.acquire(timeout=60) for _ in range(15))
    assert set(order[:2]) == {"one", "other"}
    assert order.index("greedy", order.index("greedy") + 1) > order.index("one", order.index("one") + 1)
    assert len(two._next) <= 1  # nothing is kept of those who left


def test_a_model_that_is_not_there_is_an_error_at_once():
    with pytest.raises(posekit.UnknownModelError, match="thuner"):
        ModelPool("thuner", 2)
