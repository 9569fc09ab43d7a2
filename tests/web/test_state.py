import functools
import threading

import pytest
from web.test_results import result
from web.waiting import eventually

import posekit
from posekit.web import sessions
from posekit.web import state as module
from posekit.web.memory import Returner
from posekit.web.state import AppState


@pytest.mark.slow
def test_closing_ends_every_thread_and_deletes_every_result():
    before = set(threading.enumerate())
    state = AppState.start("lightning", None)
    state.results.put(result())
    state.pool(state.sessions.models[1])
    started = set(threading.enumerate()) - before
    state.close()
    assert len(state.results) == 0
    assert started
    assert not any(thread.is_alive() for thread in started)


@pytest.mark.slow
def test_it_drops_models_that_nobody_uses(monkeypatch):
    monkeypatch.setattr(module, "Returner", functools.partial(Returner, interval=0.01))
    state = AppState.start("lightning", None)
    try:
        state.pool(state.sessions.models[1])
        assert len(state.sessions._pools) == 2
        monkeypatch.setattr(sessions, "MODEL_LIFETIME", 0.0)
        assert eventually(lambda: len(state.sessions._pools) == 1)
    finally:
        state.close()


def test_visitors_may_choose_what_is_here_and_nothing_is_fetched_for_them(tmp_path, monkeypatch):
    (tmp_path / "lightning.tflite").write_bytes(posekit.load_model("lightning").path.read_bytes())
    (tmp_path / "lightning.json").write_text(posekit.load_model("lightning").path.with_suffix(".json").read_text())
    (tmp_path / "thunder.tflite").write_bytes(b"damaged")
    monkeypatch.setenv("POSEKIT_MODELS", str(tmp_path))
    state = AppState.start("lightning", None)
    state.close()
    assert state.sessions.models == state.sessions.live == ("lightning",)


def test_whoever_starts_it_says_which_models_are_for_the_live_picture():
    state = AppState.start("lightning", None, ["lightning"])
    state.close()
    assert state.sessions.live == ("lightning",)
    assert "lightning" in state.sessions.models
    with pytest.raises(posekit.PosekitError, match="no model 'thuner' here for the live page; there are: lightning"):
        AppState.start("lightning", None, ["thuner"])


def test_what_cannot_start_is_an_error_and_leaves_nothing():
    before = set(threading.enumerate())
    with pytest.raises(posekit.UnknownModelError):
        AppState.start("thuner", None)
    with pytest.raises(posekit.VideoError):
        AppState.start("lightning", "missing.mp4")
    assert set(threading.enumerate()) <= before
