import importlib
import re
import subprocess
import sys

import pytest
import requests

from posekit import MissingExtraError, PosekitError, errors


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """posekit as an installed wheel has it: without a clone around it."""
    monkeypatch.setattr(errors, "__file__", str(tmp_path / "site-packages" / "posekit" / "errors.py"))


def test_a_missing_extra_says_how_to_install_it(monkeypatch, root):
    monkeypatch.setattr(importlib, "import_module", lambda name: (_ for _ in ()).throw(ModuleNotFoundError(name="matplotlib")))
    with pytest.raises(MissingExtraError) as caught:
        errors.require("matplotlib.pyplot", extra="notebooks")
    assert str(caught.value) == f'this needs matplotlib, which is not installed: pip install -e "{root}[notebooks]"'
    assert isinstance(caught.value, ImportError)


def test_an_installed_package_that_lacks_one_of_its_own_is_not_called_missing(monkeypatch):
    monkeypatch.setattr(importlib, "import_module", lambda name: (_ for _ in ()).throw(ModuleNotFoundError(name="cycler")))
    with pytest.raises(ModuleNotFoundError) as caught:
        errors.require("matplotlib.pyplot", extra="notebooks")
    assert not isinstance(caught.value, PosekitError)


def test_a_wheel_is_extended_from_the_repository(wheel):
    """A bare `pip install posekit` would fetch whatever somebody registers under that name."""
    command = errors.install_command("web")
    assert command == 'pip install "posekit[web] @ git+https://github.com/posekit/posekit"'


def test_the_repository_is_the_one_of_the_notebooks(root):
    """`REPOSITORY` in notebooks/refresh.py says where the project lives."""
    named = re.search(r'^REPOSITORY = "(.+)"', (root / "notebooks" / "refresh.py").read_text(), re.MULTILINE)[1]
    assert errors.REPOSITORY.endswith(f"github.com/{named}")


def test_no_text_tells_people_to_install_a_name_that_nobody_registered(root):
    texts = [file for kind in ("posekit/**/*.py", "*.md", "docs/**/*.md", "notebooks/*.ipynb") for file in root.glob(kind)]
    assert len(texts) > 50
    for file in texts:
        for hint in re.findall(r"pip install [^\n]*posekit.*", file.read_text()):
            assert "git+" in hint, f"{file.name}: {hint}"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.exceptions.InvalidURL("Invalid URL 'http://': No host supplied"), "the address is malformed"),
        (requests.exceptions.SSLError("HTTPSConnectionPool(...): SSL: WRONG_VERSION_NUMBER"), "no secure connection could be made"),
        (requests.exceptions.ConnectionError("HTTPConnectionPool(...) something new"), "the connection failed (ConnectionError)"),
        (OSError(28, "No space left on device"), "[Errno 28] No space left on device"),
    ],
)
def test_network_errors_in_plain_words(error, words):
    assert errors.network_reason(error, timeout=20) == words


def test_the_clone_is_found(root, wheel):
    assert errors.clone() is None


@pytest.mark.slow
def test_python_m_posekit_is_run_from_this_clone(root):
    code = "from posekit import errors; print(errors.clone())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(root)
