import pytest
from models.test_download import fake_npm, tarball

from posekit import DownloadError
from posekit.models import clear, download, runtime

FILES = {name: f"the content of {name}".encode() for name in runtime.FILES}


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """An npm that hands out a small package, whose hashes are pinned; and a models folder that is empty."""
    monkeypatch.setenv("POSEKIT_MODELS", str(tmp_path / "models"))
    pinned = {name: (path, download.sha256(FILES[name])) for name, (path, _) in runtime.FILES.items()}
    monkeypatch.setattr(runtime, "FILES", pinned)
    file = tmp_path / "package.tgz"
    file.write_bytes(tarball(*[(f"package/{path}", FILES[name]) for name, (path, _) in pinned.items()]))
    fake_npm(tmp_path / "bin", f'cp {file} "$4/core.tgz"', monkeypatch)
    return file


def test_it_is_fetched_once_and_then_kept(archive):
    assert runtime.fetch_runtime() == FILES
    archive.unlink()
    assert runtime.fetch_runtime() == FILES


def test_it_is_cleared_with_all_models(archive, tmp_path):
    runtime.fetch_runtime()
    assert clear.fetched() == [tmp_path / "models" / "litert-2.5.3"]
    assert clear.fetched(["lightning"]) == []


def test_a_damaged_file_is_fetched_again(archive, tmp_path):
    runtime.fetch_runtime()
    kept = tmp_path / "models" / "litert-2.5.3" / "litert.wasm"
    kept.write_bytes(b"half")
    assert runtime.fetch_runtime() == FILES
    assert kept.read_bytes() == FILES["litert.wasm"]


def test_what_is_not_the_pinned_file_is_refused_and_not_kept(archive, tmp_path):
    archive.write_bytes(tarball(*[(f"package/{path}", b"other") for path, _ in runtime.FILES.values()]))
    with pytest.raises(DownloadError, match=r"dist/index.js has 5 bytes and sha256 \w+, expected"):
        runtime.fetch_runtime()
    assert not (tmp_path / "models" / "litert-2.5.3").exists()


def test_without_npm_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("POSEKIT_MODELS", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DownloadError, match=r"npm is not installed\. Install Node\.js"):
        runtime.fetch_runtime()


def test_the_script_of_a_worker_has_neither_imports_nor_exports():
    library = 'var a = 1;\nimport { createWasmLib } from "@litertjs/wasm-utils";\n\nexport {\n  a,\n  b\n};\n//# sourceMappingURL=x'
    script = runtime.worker_script({"index.js": library.encode(), "litert.js": b"var ModuleFactory;"}).decode()
    assert "import" not in script
    assert " ".join(script.split()) == "var ModuleFactory; function makeLiteRt(createWasmLib) { var a = 1; return { a, b }; }"


@pytest.mark.parametrize(
    "library",
    ["var a;\nexport { a };", 'import { b } from "b";\nimport { createWasmLib } from "@litertjs/wasm-utils";\nexport { a };'],
)
def test_a_library_of_another_form_is_refused(library):
    with pytest.raises(ValueError, match="other imports"):
        runtime.worker_script({"index.js": library.encode(), "litert.js": b""})
