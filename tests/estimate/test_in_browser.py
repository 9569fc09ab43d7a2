import gzip

import numpy as np
import pytest

from posekit import PosekitError
from posekit.estimate import in_browser
from posekit.models import download


@pytest.fixture
def runtime(monkeypatch):
    """LiteRT.js as small files of the same form."""
    library = b'var a;\nimport { createWasmLib } from "@litertjs/wasm-utils";\n\nexport { a };'
    monkeypatch.setattr(in_browser, "fetch_runtime", lambda: {"index.js": library, "litert.js": b"1;", "litert.wasm": b"wasm"})
    caches = in_browser.browser_model, in_browser._runtime
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.mark.slow
def test_a_browser_gets_files_by_their_hashes_and_what_it_needs_to_know(runtime, lightning):
    model = in_browser.browser_model("lightning")
    assert set(model.files) == {"script", "wasm", "model", "check"}
    for file in model.files.values():
        assert download.sha256(gzip.decompress(file.content)) == file.sha256
        assert in_browser.browser_file(file.sha256).content == file.content
    assert gzip.decompress(model.files["model"].content) == lightning.path.read_bytes()
    assert model.about["side"] == 192
    assert model.about["files"]["wasm"] == {
        "name": "litert.wasm",
        "sha256": model.files["wasm"].sha256,
        "bytes": len(model.files["wasm"].content),
    }


def test_the_stored_answer_is_the_models_to_the_stored_picture(runtime, lightning):
    model = in_browser.browser_model("lightning")
    square = np.frombuffer(gzip.decompress(model.files["check"].content), np.uint8).reshape(192, 192, 3)
    answer = np.array(model.about["answer"]).reshape(17, 3)
    np.testing.assert_allclose(answer[:, [1, 0, 2]], lightning.infer(square)[0], atol=1e-6)
    assert answer[:, 2].mean() > 0.5  # somebody is in the picture, so a wrong answer shows


@pytest.mark.slow
def test_a_model_for_several_people_can_be_opened_for_any_size(runtime, multipose):
    model = in_browser.browser_model("multipose")
    assert (model.about["people"], model.about["side"], model.about["minConfidence"]) == (6, 256, 0.2)
    width, height = model.about["checkSize"]
    picture = np.frombuffer(gzip.decompress(model.files["check"].content), np.uint8).reshape(height, width, 3)
    answer = np.array(model.about["answer"]).reshape(-1, 56)
    assert len(answer) == len(multipose(picture)) == 2
    np.testing.assert_allclose(answer[:, :51].reshape(2, 17, 3)[..., [1, 0, 2]], multipose.infer(picture)[:2], atol=1e-6)
    content = gzip.decompress(model.files["model"].content)
    shapes = [np.frombuffer(content, "<i4", 2, place).tolist() for place in model.about["sizeAt"]]
    assert shapes == [[1, 1], [-1, -1]]  # as yet of any size


def test_a_model_that_browsers_do_not_run_is_refused(runtime):
    with pytest.raises(PosekitError, match="crowd cannot run in the browser; lightning, thunder and multipose can"):
        in_browser.browser_model("crowd")


@pytest.mark.slow
def test_other_files_are_not_handed_out(runtime):
    assert in_browser.browser_file("0" * 64) is None
