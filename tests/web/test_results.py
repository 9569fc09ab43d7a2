import re

import pytest
from web.waiting import eventually

import posekit
from posekit.web import results as module
from posekit.web.results import OVERHEAD, Result, ResultStore


@pytest.fixture
def store(clock):
    store = ResultStore(clock=clock)
    yield store
    store.close()


def result(visitor="a", size=0, name="photo"):
    """A result that counts as `size` bytes."""
    return Result(visitor, name, bytes(max(0, size - OVERHEAD)), b"", b"", posekit.Poses.empty((4, 3)), "lightning", 0.1)


def test_keys_are_random(store):
    keys = [store.put(result()) for _ in range(50)]
    assert len(set(keys)) == 50
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in keys)
    assert store.get(keys[0]) is not None
    assert store.get(keys[0].upper() + "X") is None


def test_a_result_is_deleted_after_a_quarter_of_an_hour(store, clock):
    old = store.put(result(name="old"))
    clock.now += 14 * 60
    new = store.put(result())
    assert store.get(old).name == "old"
    clock.now += 61
    assert store.get(old) is None
    assert store.get(new) is not None
    assert len(store) == 1


def test_it_is_deleted_though_nobody_asks(monkeypatch, clock):
    """Without this, the bytes of a photo would stay in memory until the next visitor comes."""
    monkeypatch.setattr(module, "EXPIRY_INTERVAL", 0.01)
    store = ResultStore(clock=clock)
    store.put(result())
    clock.now += 901
    assert eventually(lambda: not store._cache._Cache__data)
    store.close()


def test_the_oldest_go_where_there_is_too_much(clock):
    store = ResultStore(max_bytes=2_500_000, clock=clock)
    keys = [store.put(result(str(visitor), 1_000_000)) for visitor in range(5)]
    assert [key for key in keys if store.get(key)] == keys[-2:]
    store.close()


def test_one_visitor_pushes_out_nobody_but_themselves(clock):
    store = ResultStore(max_bytes=10_000_000, max_visitor_bytes=3_500_000, clock=clock)
    others = [store.put(result(str(visitor), 1_000_000)) for visitor in range(3)]
    noisy = [store.put(result("noisy", 1_000_000)) for _ in range(50)]
    assert all(store.get(key) for key in others)
    assert [key for key in noisy if store.get(key)] == noisy[-3:]
    store.close()


def test_tiny_photos_count_too(clock):
    store = ResultStore(max_visitor_bytes=10 * OVERHEAD, clock=clock)
    for _ in range(100):
        store.put(result())
    assert len(store) == 10
    store.close()


def test_closing_deletes_everything(store):
    store.put(result())
    store.close()
    assert len(store) == 0
