"""Real conversions with TensorFlow are slow; a file's kind is told from bytes alone."""

import json
import shutil
import sys

import numpy as np
import pytest

import posekit
from posekit import models
from posekit.models import download, store
from posekit.models.quantise import KINDS


def test_the_kind_of_a_file_is_in_its_record(tmp_path):
    file = tmp_path / "own.tflite"
    file.write_bytes(b"a model")
    assert models.quantisation(file) is None
    store.write_record(file, "lightning", {"quantisation": "int8", **store.content_facts(b"a model")})
    assert models.quantisation(file) == "int8"
    file.write_bytes(b"another model under the same name")
    assert models.quantisation(file) is None
    assert models.quantisation(tmp_path / "none.tflite") is None


def test_official_files_are_known_by_their_hash(shared):
    (file,) = (shared / "models").glob("*int8*.tflite")
    assert models.quantisation(file) == "int8"
    assert posekit.load_model(file).default_min_confidence(2) == posekit.estimate.movenet.MIN_CONFIDENCE_INT8[192]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"kind": "int4"}, "there is no kind 'int4'; did you mean 'int8'"),
        ({"target": "model.onnx"}, "must end in .tflite"),
        ({"target": "nowhere/model.tflite"}, "a folder that exists"),
        ({"kind": "int8"}, "int8 needs pictures"),
        ({"pictures": ["a.png"]}, "float16 needs no pictures"),
        ({"target": "taken.tflite"}, "already exists"),
        ({"name": "lightening"}, "did you mean 'lightning'"),
    ],
)
def test_what_cannot_be_done_is_reported_before_any_work(more, message, tmp_path):
    (tmp_path / "taken.tflite").write_bytes(b"somebody's")
    given = {"name": "lightning", "kind": "float16", "target": "model.tflite", **more}
    target = tmp_path / given.pop("target")
    with pytest.raises(posekit.PosekitError, match=message):
        models.quantise(given.pop("name"), given.pop("kind"), target, **given)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["taken.tflite"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_finds_the_rendered_person_and_tells_where_it_is_from(kind, tmp_path, person, person_xy):
    pytest.importorskip("tensorflow")
    if not shutil.which("npm") and not store.path("lightning").with_name("lightning_saved_model").is_dir():
        pytest.skip("needs npm")
    frames = [frame for frame, _ in zip(posekit.read_video(posekit.sample("walk")), range(20), strict=False)]
    file = models.quantise("lightning", kind, tmp_path / f"{kind}.tflite", pictures=frames if kind == "int8" else ())
    megabytes = {"float32": (9, 10), "float16": (4.5, 5), "dynamic": (2.5, 3.5), "int8": (2.5, 3.5)}[kind]
    assert megabytes[0] < file.stat().st_size / 1e6 < megabytes[1]
    assert np.linalg.norm(posekit.load_model(file)(person).xy[0] - person_xy, axis=1).mean() < 10
    record = json.loads(file.with_suffix(".json").read_text())
    assert record["quantisation"] == models.quantisation(file) == kind
    assert record["model"] == "lightning"
    assert record["converter"].startswith("tensorflow ")
    assert record["sha256"]
    assert record["pictures"] == (20 if kind == "int8" else 0)


def test_says_how_long_it_takes_unless_told_not_to(tmp_path, capsys):
    command = [sys.executable, "-c", "print('2.0')"]
    for shown in (True, False):
        assert download.with_tensorflow(command, tmp_path, shown=shown) == {"converter": "tensorflow 2.0"}
        assert ("converting" in capsys.readouterr().err) == shown
