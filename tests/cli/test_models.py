import hashlib
import json
from types import SimpleNamespace

import pytest

from posekit import DownloadError, models
from posekit.cli import main

#: The model that the official hosts alone have.
NAME = "lightning-int8"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("POSEKIT_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def put(folder, name=NAME, content=b"abc", source="npm human@1"):
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.tflite").write_bytes(content)
    (folder / f"{name}.json").write_text(json.dumps({"sha256": hashlib.sha256(content).hexdigest(), "source": source}))


def test_it_lists_the_catalogue(folder, capsys):
    put(folder)
    for arguments in (["models"], ["models", "list"]):
        assert main(arguments) == 0
        first, _, *rows, together = capsys.readouterr().out.splitlines()
        assert together.split()[0] == "crowd"
        assert first == f"Model files are kept in {folder}"
        table = {row.split()[0]: row.split(maxsplit=3)[1:] for row in rows}
        # Sizes as in the design: bytes / 1e6.
        assert {name: columns[:2] for name, columns in table.items()} == {
            "lightning": ["4.8", "missing"],
            "thunder": ["12.6", "missing"],
            "multipose": ["9.6", "missing"],
            "lightning-int8": ["2.9", "converted"],
            "thunder-int8": ["7.1", "missing"],
        }
        assert table[NAME][2].endswith(", npm human@1")


def test_it_gets_models_and_saved_models(folder, capsys, monkeypatch):
    monkeypatch.setattr(
        models, "fetch_several", lambda names, saved: [folder / n for n in (*names, *(f"{s}_saved_model" for s in saved))]
    )
    assert main(["models", "get", "thunder", "lightning"]) == 0
    assert capsys.readouterr().out.split() == [str(folder / "thunder"), str(folder / "lightning")]
    assert main(["models", "get", "lightning", "--saved-model"]) == 0
    assert capsys.readouterr().out.split() == [str(folder / "lightning"), str(folder / "lightning_saved_model")]
    assert main(["models", "get", "lightning", "thunder", "--saved-model-of", "lightning"]) == 0
    assert capsys.readouterr().out.split() == [str(folder / name) for name in ("lightning", "thunder", "lightning_saved_model")]


def test_it_gets_what_runs_models_in_a_browser(folder, capsys, monkeypatch):
    monkeypatch.setattr("posekit.models.fetch_runtime", lambda: {})
    assert main(["models", "get", "litert.js"]) == 0
    assert capsys.readouterr().out == f"{folder / 'litert-2.5.3'}\n"


def test_it_finds_a_model_and_prints_nothing_else(folder, capsys):
    put(folder)
    assert main(["models", "path", NAME]) == 0
    assert capsys.readouterr() == (f"{folder / NAME}.tflite\n", "")


@pytest.mark.parametrize("action", ["get", "path"])
def test_it_explains_a_failure(action, folder, capsys, monkeypatch):
    def fail(name, *_):
        raise DownloadError(f"cannot fetch the model {NAME}")

    monkeypatch.setattr(models, "fetch", fail)
    monkeypatch.setattr(models, "fetch_several", fail)
    assert main(["models", action, NAME]) == 1
    assert capsys.readouterr() == ("", "posekit: cannot fetch the model lightning-int8\n")


def test_it_names_the_nearest_model(folder, capsys):
    assert main(["models", "get", "tunder"]) == 1
    assert "did you mean 'thunder'?" in capsys.readouterr().err


def test_clear_asks_for_yes_where_nobody_can_be_asked(folder, capsys, monkeypatch):
    put(folder)
    monkeypatch.setattr("sys.stdin", None)
    assert main(["models", "clear"]) == 1
    said = capsys.readouterr()
    assert str(folder / f"{NAME}.tflite") in said.out
    assert "--yes" in said.err
    assert (folder / f"{NAME}.tflite").exists()
    assert main(["models", "clear", "--yes"]) == 0
    assert not (folder / f"{NAME}.tflite").exists()
    assert main(["models", "clear"]) == 0
    assert "has not fetched any model" in capsys.readouterr().out


@pytest.mark.parametrize(("answer", "left"), [("y", False), ("YES ", False), ("", True), ("n", True), (EOFError, True)])
def test_clear_follows_the_answer(answer, left, folder, monkeypatch):
    def ask(question):
        if answer is EOFError:
            raise EOFError
        return answer

    put(folder)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", ask)
    assert main(["models", "clear", NAME]) == 0
    assert (folder / f"{NAME}.tflite").exists() == left
