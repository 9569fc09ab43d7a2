import hashlib
import json

import pytest

from posekit import UnknownModelError, models
from posekit.models.clear import clear, fetched, size


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A model and a SavedModel that posekit fetched, half a download, and what is somebody's own."""
    monkeypatch.setenv("POSEKIT_MODELS", str(tmp_path))
    for name, content in {"lightning": b"model", "thunder": b"changed since"}.items():
        (tmp_path / f"{name}.tflite").write_bytes(content)
        record = {"model": name, "sha256": hashlib.sha256(b"model").hexdigest()}
        (tmp_path / f"{name}.json").write_text(json.dumps(record))
    (tmp_path / "lightning_saved_model").mkdir()
    (tmp_path / "lightning_saved_model" / "saved_model.pb").write_bytes(b"saved model")
    (tmp_path / "lightning_saved_model.json").write_text("{}")
    (tmp_path / ".scratch-abc").mkdir()
    (tmp_path / "multipose.tflite").write_bytes(b"mine")
    (tmp_path / "multipose_saved_model").mkdir()
    (tmp_path / "lightning-int8.tflite").write_bytes(b"mine")
    (tmp_path / "lightning-int8.json").write_text('{"notes": "mine"}')
    (tmp_path / "README.md").write_text("mine")
    return tmp_path


MINE = {"multipose.tflite", "multipose_saved_model", "lightning-int8.tflite", "lightning-int8.json", "README.md"}


def test_what_was_fetched_goes_and_nothing_else(folder):
    clear(fetched())
    assert {each.name for each in folder.iterdir()} == MINE | {".lock"}
    assert fetched() == []


def test_some_models_only(folder):
    assert [each.name for each in fetched(["thunder"])] == ["thunder.tflite", "thunder.json"]
    with pytest.raises(UnknownModelError, match="did you mean 'thunder'"):
        fetched(["tunder"])


def test_nothing_was_fetched_yet(tmp_path, monkeypatch):
    monkeypatch.setenv("POSEKIT_MODELS", str(tmp_path / "none"))
    assert fetched() == []
    assert not (tmp_path / "none").exists()


def test_a_saved_model_that_is_a_link_loses_the_link_only(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (folder / "thunder_saved_model").symlink_to(elsewhere)
    (folder / "thunder_saved_model.json").write_text("{}")
    clear(fetched(["thunder"]))
    assert not (folder / "thunder_saved_model").exists()
    assert elsewhere.is_dir()


def test_what_was_cleared_is_missing_and_its_size_was_counted(folder):
    assert size(folder / "lightning.tflite") == 5
    assert size(folder / "lightning_saved_model") == 11
    clear(fetched(["lightning"]))
    assert models.status("lightning") == "missing"
