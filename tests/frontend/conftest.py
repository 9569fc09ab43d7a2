"""Node, and the front end's modules in a folder, for tests that run them."""

import shutil
import subprocess

import pytest

from posekit.frontend import assets


@pytest.fixture(scope="session")
def node():
    """Node 20 or newer: the system's, or the one that Playwright brings."""
    if found := shutil.which("node"):
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.removeprefix("v").partition(".")[0]) >= 20:
            return found
    driver = pytest.importorskip("playwright._impl._driver", reason="needs Node 20, or Playwright, which brings it")
    return driver.compute_driver_executable()[0]


@pytest.fixture(scope="session")
def modules(tmp_path_factory):
    """The front end as a page loads it, for Node."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "package.json").write_text('{"type": "module"}')
    for name in assets.FILES:
        if name.endswith(".js"):
            (folder / name).write_text(assets.text(name))
    return folder
