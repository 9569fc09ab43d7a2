import threading

import pytest

import posekit
from posekit.web.services import Services


def test_closing_ends_every_thread_and_deletes_every_file():
    before = set(threading.enumerate())
    services = Services.start("lightning", None)
    services.medias.put({"a.jpg": b"1"}, {})
    assert set(threading.enumerate()) > before
    services.close()
    assert not services.medias.folder.exists()
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name != "posekit-medias"]


def test_visitors_may_choose_what_is_here_and_nothing_is_fetched_for_them(tmp_path, monkeypatch):
    (tmp_path / "lightning.tflite").write_bytes(posekit.load_model("lightning").path.read_bytes())
    (tmp_path / "lightning.json").write_text(posekit.load_model("lightning").path.with_suffix(".json").read_text())
    (tmp_path / "thunder.tflite").write_bytes(b"damaged")
    monkeypatch.setenv("POSEKIT_MODELS", str(tmp_path))
    services = Services.start("lightning", None)
    services.close()
    assert services.sessions.models == ("lightning",)


def test_what_cannot_start_is_an_error_and_leaves_nothing():
    before = set(threading.enumerate())
    with pytest.raises(posekit.UnknownModelError):
        Services.start("thuner", None)
    with pytest.raises(posekit.VideoError):
        Services.start("lightning", "missing.mp4")
    assert set(threading.enumerate()) == before
