import dataclasses

import pytest

from posekit.widgets import recording
from posekit.widgets.recording import Recording


@pytest.fixture
def tracked(waving):
    return dataclasses.replace(waving, id=[1])


@pytest.fixture
def tape(clock, monkeypatch):
    monkeypatch.setattr(recording.clock, "monotonic", clock)
    return Recording()


def test_it_records_while_it_is_running(tape, tracked, clock):
    tape.add(1.0, tracked)
    tape.start(10)
    tape.add(2.0, tracked)
    clock.now += 9
    tape.add(2.5, tracked)
    assert tape.running
    clock.now += 1
    tape.add(3.0, tracked)
    assert (tape.running, len(tape)) == (False, 2)
    assert tape.table().time.unique().tolist() == [0, 0.5]


def test_it_can_be_stopped_and_another_one_replaces_it(tape, tracked):
    tape.start()
    tape.add(1.0, tracked)
    tape.stop()
    tape.add(2.0, tracked)
    assert (tape.running, len(tape)) == (False, 1)
    tape.start()
    assert (tape.running, len(tape)) == (True, 0)
    assert tape.table().empty


def test_it_takes_ten_minutes_at_most(tape, clock):
    tape.start()
    clock.now += 599
    assert tape.running
    clock.now += 1
    assert not tape.running
