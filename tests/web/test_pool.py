import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import posekit
from posekit.web.pool import BusyError, ModelPool


@pytest.fixture
def two():
    workers = ModelPool("lightning", count=2, waiting=1)
    yield workers
    workers.close()


def test_each_thread_has_a_model_of_its_own(two):
    both = threading.Barrier(2)

    def job(model):
        both.wait(10)  # at the same time, so in two threads
        return threading.get_ident(), model

    with ThreadPoolExecutor(2) as visitors:
        (a, one), (b, other) = (each.result() for each in [visitors.submit(two.run, job) for _ in range(2)])
    assert a != b
    assert one is not other


def test_answers_do_not_mix_when_many_ask_at_once(person, lightning):
    workers = ModelPool("lightning", count=2, waiting=100)
    pictures = [np.ascontiguousarray(np.roll(person, 4 * shift, axis=1)) for shift in range(12)]
    expected = [lightning(picture).xy for picture in pictures]
    with ThreadPoolExecutor(12) as visitors:
        found = list(visitors.map(lambda picture: workers.run(lambda model: model(picture)).xy, pictures * 4))
    workers.close()
    for xy, expect in zip(found, expected * 4, strict=True):
        np.testing.assert_allclose(xy, expect, atol=0.05)


def test_one_too_many_is_refused_at_once_and_there_is_room_again_later(two):
    go = threading.Event()
    with ThreadPoolExecutor(3) as visitors:
        busy = [visitors.submit(two.run, lambda model: go.wait(30)) for _ in range(3)]  # two at work, one waits
        while two._places._value:
            pass
        with pytest.raises(BusyError, match="try again"):
            two.run(lambda model: None)
        go.set()
        assert all(each.result() for each in busy)
    assert two.run(lambda model: 42) == 42


def test_a_job_that_fails_gives_its_place_back(two):
    for _ in range(10):
        with pytest.raises(ZeroDivisionError):
            two.run(lambda model: 1 / 0)
    assert two.run(lambda model: 42) == 42


def test_another_model_is_loaded_when_it_is_asked_for(two):
    assert two.run(lambda model: model.name) == "lightning"
    assert two.run(lambda model: model.name, "thunder") == "thunder"


def test_a_model_that_is_not_there_is_an_error_at_once():
    with pytest.raises(posekit.UnknownModelError, match="thuner"):
        ModelPool("thuner", count=2, waiting=1)
