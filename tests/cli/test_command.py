import errno
import re
from importlib.metadata import entry_points, version

import pytest

import posekit
from posekit.cli import main
from posekit.cli.command import COMMANDS


def test_the_command_is_installed():
    (command,) = entry_points(group="console_scripts", name="posekit")
    assert command.load() is main


def test_errors_are_one_line_on_stderr_without_a_trace(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)  # apart from what `make demo` has left in out/
    (tmp_path / "file").write_text("")
    photo = str(posekit.sample("person"))
    for arguments, message in {
        ("image", photo, "--model", "thuner"): "did you mean 'thunder'",
        ("image", photo, "--out", str(tmp_path / "file" / "below")): "cannot write",
        ("image", photo, "--model", "multipose", "--passes", "2"): "cannot make 2 passes",
        ("video", photo, str(tmp_path / "out.avi")): "must end in .mp4 or .gif",
        ("video", "missing.mp4", str(tmp_path / "out.mp4")): "no file missing.mp4",
        ("models", "path", "lightening"): "did you mean 'lightning'",
    }.items():
        assert main(arguments) == 1
        said = capsys.readouterr().err
        assert message in said
        assert "Traceback" not in said


def test_wrong_usage_is_explained(capsys):
    for arguments in ([], ["dance"], ["image"]):
        with pytest.raises(SystemExit) as ending:
            main(arguments)
        assert ending.value.code == 2
        assert "usage: posekit" in capsys.readouterr().err


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as ending:
        main(["--help"])
    assert ending.value.code == 0
    said = capsys.readouterr().out
    for command in COMMANDS:
        assert re.search(rf"^    {command.__name__.rpartition('.')[2]} ", said, re.MULTILINE)


def test_the_version_is_the_installed_one(capsys):
    with pytest.raises(SystemExit) as ending:
        main(["--version"])
    assert ending.value.code == 0
    assert capsys.readouterr().out == f"posekit {version('posekit')}\n"


def test_ctrl_c_ends_with_the_code_of_shells(monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("posekit.cli.models.list_models", interrupted)
    assert main(["models"]) == 130


def test_an_error_of_the_system_is_a_sentence(monkeypatch, capsys):
    def read_only(_):
        raise OSError(errno.EROFS, "Read-only file system", "some/file")

    monkeypatch.setattr("posekit.cli.models.list_models", read_only)
    assert main(["models"]) == 1
    assert capsys.readouterr().err == "posekit: some/file: Read-only file system\n"
