"""pyproject.toml is the one list of dependencies; the other files must agree with it."""

import re
import subprocess
import sys
import zipfile

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: The packages that posekit promises to work with.
CARD = {"jupyterlab", "ipywidgets", "ipywebrtc", "tensorflow", "tensorflow-hub", "numpy", "matplotlib", "imageio"}


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def requirements(project):
    """Everything that pyproject names, by canonical name."""
    extras = project["project"]["optional-dependencies"]
    lines = [*project["project"]["dependencies"], *(line for name in extras for line in extras[name])]
    lines += project["dependency-groups"]["dev"]
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(each.name): each for each in found if each.name != "posekit"}


@pytest.fixture(scope="module")
def pins(root):
    lines = [line for line in (root / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    return [Requirement(line) for line in lines]


def test_the_card_is_installed_by_all(project):
    extras = project["project"]["optional-dependencies"]
    assert extras["all"] == [f"posekit[{','.join(name for name in extras if name != 'all')}]"]
    lines = [*project["project"]["dependencies"], *(line for name in extras for line in extras[name])]
    assert {canonicalize_name(Requirement(line).name) for line in lines} >= CARD


def test_every_dependency_is_pinned_within_its_bounds(requirements, pins):
    for name, requirement in requirements.items():
        matching = [pin for pin in pins if canonicalize_name(pin.name) == name]
        assert matching, f"{name} is not in constraints.txt: make constraints"
        for pin in matching:
            (exact,) = pin.specifier
            assert exact.operator == "=="
            assert requirement.specifier.contains(exact.version), f"{name} {exact.version}"


def test_every_python_has_one_pin_of_each(pins):
    for python in ("3.10", "3.11", "3.12", "3.13"):
        here = {"python_version": python, "python_full_version": f"{python}.9"}
        names = [pin.name for pin in pins if pin.marker is None or pin.marker.evaluate(here)]
        assert len(names) == len(set(names)), python


def test_what_runs_here_is_what_is_pinned(requirements, pins):
    from importlib.metadata import version

    for pin in pins:
        if canonicalize_name(pin.name) in requirements and (pin.marker is None or pin.marker.evaluate()):
            assert version(pin.name) in pin.specifier, f"{pin}: make installed another one"


def test_conda_installs_python_and_pip_and_leaves_the_rest_to_pyproject(root, project):
    environment = yaml.safe_load((root / "environment.yml").read_text())
    *conda, pip = environment["dependencies"]
    python = Requirement(next(line for line in conda if line.startswith("python")).replace(" ", ""))
    assert str(python.specifier) == str(Requirement("python" + project["project"]["requires-python"]).specifier)
    assert pip == {"pip": ["-c constraints.txt", "-e .[all]"]}
    assert {re.split("[ >=]", line)[0] for line in conda} == {"python", "pip", "nodejs"}


def test_what_colab_ships_is_within_the_bounds(root, requirements):
    lines = (root / "tests" / "colab.txt").read_text().splitlines()
    pins = {pin.name: pin for line in lines if (text := line.partition("#")[0].strip()) for pin in [Requirement(text)]}
    assert {"ipykernel", "ipywidgets", "traitlets", "tornado", "numpy"} <= set(pins)
    for name in set(pins) & set(requirements):
        (exact,) = pins[name].specifier
        assert requirements[name].specifier.contains(exact.version), f"{name} {exact.version}"


def test_ci_calls_the_commands_of_everybody(root):
    assert (root / ".ci" / "run").read_text().splitlines()[-2:] == ["make test", "make test-colab"]
    workflow = yaml.safe_load((root / ".github" / "workflows" / "test.yml").read_text())
    steps = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]
    assert {"make test", "make test-colab"} <= set(steps)
    assert "schedule" in workflow[True]  # YAML reads the key `on` as True


@pytest.mark.slow
def test_the_wheel_carries_the_samples_and_works_alone(root, tmp_path):
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, root], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "installed")
    assert {"posekit/py.typed", "posekit/data/squats.mp4", "posekit/data/squats.json"} <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "notebooks/")) or name.endswith(".tflite")]
    code = "import posekit; print(posekit.sample('person')); print(posekit.models.folder())"
    run = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(tmp_path / "installed"), "HOME": str(tmp_path)}, cwd=tmp_path,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    sample, folder = run.stdout.split()
    assert sample == str(tmp_path / "installed" / "posekit" / "data" / "person.png")
    assert folder.startswith(str(tmp_path)), "outside a clone, models are kept in the user's cache"
