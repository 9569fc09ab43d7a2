"""pyproject.toml is the one list of dependencies; the other files must agree with it."""

import re

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

#: The packages that posekit promises to work with.
CARD = {"jupyterlab", "ipywidgets", "ipywebrtc", "tensorflow", "tensorflow-hub", "numpy", "matplotlib", "imageio"}


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
    assert {"ipykernel", "ipywidgets", "traitlets", "tornado", "numpy", "pandas", "tensorflow", "anywidget"} <= set(pins)
    for name in set(pins) & set(requirements):
        (exact,) = pins[name].specifier
        assert requirements[name].specifier.contains(exact.version), f"{name} {exact.version}"


@pytest.fixture(scope="module")
def workflows(root):
    return {path.stem: yaml.safe_load(path.read_text()) for path in (root / ".github" / "workflows").glob("*.yml")}


def test_ci_calls_the_commands_of_everybody(root, workflows):
    commands = ["make test", "make test-extras", "make test-colab"]
    assert (root / ".ci" / "run").read_text().splitlines()[-3:] == commands
    steps = [step.get("run", "") for job in workflows["test"]["jobs"].values() for step in job["steps"]]
    assert {*commands, "make coverage"} <= set(steps)
    assert "schedule" in workflows["test"][True]  # YAML reads the key `on` as True


def test_ci_checks_on_three_systems_what_make_check_checks(root, workflows):
    check = workflows["test"]["jobs"]["check"]
    assert check["strategy"]["matrix"]["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    steps = [step.get("run", "").removeprefix("python -m ") for step in check["steps"]]
    makefile = (root / "Makefile").read_text()
    lines = re.findall(r"^\t\$\(BIN\)/(.+)", re.search(r"^lint:.*\n(?:\t.*\n)+", makefile, re.M)[0], re.M)
    assert len(lines) == 4
    assert {*lines, 'pytest -m "not slow"'} <= set(steps)


def test_actions_are_pinned_by_their_commit(workflows):
    used = {step["uses"] for each in workflows.values() for job in each["jobs"].values() for step in job["steps"] if "uses" in step}
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action


def test_the_version_is_the_same_everywhere(root, project):
    version = project["project"]["version"]
    assert yaml.safe_load((root / "CITATION.cff").read_text())["version"] == version
    changelog = (root / "CHANGELOG.md").read_text()
    assert re.findall(r"^## \[(.+?)\]", changelog, re.M)[:2] == ["Unreleased", version]


def test_the_project_has_one_address(project):
    from posekit.errors import REPOSITORY

    assert all(url.startswith(REPOSITORY) for url in project["project"]["urls"].values())
