"""The house itself: imports never go up, importing is light, the tree is as the README says, nothing of one machine is kept."""

import ast
import inspect
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

import posekit


@pytest.fixture(scope="module")
def modules(root):
    """Name → file; a package in it, such as `widgets`, stands for its `__init__.py`."""
    paths = {path.relative_to(root / "posekit"): path for path in (root / "posekit").rglob("*.py")}
    names = {".".join(short.with_suffix("").parts).removesuffix(".__init__"): path for short, path in paths.items()}
    return {name: path for name, path in names.items() if name != "__init__"}


@pytest.fixture(scope="module")
def tracked(root):
    """Every file of the repository: what git tracks, and what it does not ignore."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [root / name for name in names if (root / name).is_file()]


def test_imports_never_go_up(root):
    """The contracts of import-linter in pyproject.toml."""
    run = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


#: A room's tests lie in the folder of its name; these modules are tested through the ones that use them.
WITHOUT_TESTS = {"__main__", "models.catalogue", "estimate.protocol"}


def test_every_module_has_its_test(modules, root):
    tests = {".".join(path.relative_to(root / "tests").with_suffix("").parts) for path in (root / "tests").rglob("test_*.py")}
    wanted = {re.sub(r"(\w+)$", r"test_\1", name) for name, path in modules.items() if path.name != "__init__.py"}
    assert wanted - {re.sub(r"(\w+)$", r"test_\1", name) for name in WITHOUT_TESTS} <= tests


def test_scripts_are_short(root):
    scripts = [*(root / "posekit" / "frontend").glob("*.js")]
    assert scripts
    assert [script.name for script in scripts if len(script.read_text(encoding="utf-8").splitlines()) > 300] == []


def test_modules_and_functions_are_short(modules):
    lengths = []
    for name, path in modules.items():
        assert len(path.read_text().splitlines()) <= 300, name
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                body = [each for each in node.body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
                lengths.append(body[-1].end_lineno - body[0].lineno + 1 if body else 0)
                assert lengths[-1] <= 40, f"{name}.{node.name}"
    assert statistics.median(lengths) <= 6


#: One idea has one name, the field's where there is one: these are what things were called before.
OLD_NAMES = re.compile(
    r"\b(min_score|shirt_color|second_look|CLAIM|DOUBT|JUMP|SHIRT_SCALE|Medias)\b|\b(distinct|similarity)\(|\.together\("
    r"|\bmodels\.(state|record)\b|\bposekit\.(truth|skeleton|catalogue|writer|movenet|poses)\b|\bfrom near\b"
)


def test_old_names_are_gone(tracked):
    for path in tracked:
        if path.name != "CHANGELOG.md" and path.suffix in {
            ".py",
            ".js",
            ".css",
            ".html",
            ".json",
            ".md",
            ".toml",
            ".ipynb",
            ".yml",
        }:
            found = OLD_NAMES.search(path.read_text(encoding="utf-8"))
            assert not found or path == Path(__file__), f"{path.name}: {found[0]}"


def test_contributing_shows_every_room_and_where_to_change_what(root):
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    tree = re.search(r"^posekit/\n(.+?)^```", text, re.MULTILINE | re.DOTALL)[1]
    for path in (root / "posekit").iterdir():
        room = path.is_dir() and (path / "__init__.py").is_file()
        if room or (path.suffix == ".py" and not path.name.startswith("__")):
            assert re.search(rf"\b{path.stem}\b", tree), f"{path.name} is missing in the tree of CONTRIBUTING.md"
    answers = re.findall(r"^\| \d+ \| .+ \| `(.+?)` \|$", text, re.MULTILINE)
    assert len(answers) == 10
    assert all((root / answer).is_file() for answer in answers)


def test_tensorflow_is_imported_in_one_place(modules):
    assert [
        name for name, path in modules.items() if re.search(r"\btensorflow(?:_hub)?\b.*extra=|import tensorflow", path.read_text())
    ] == ["models.convert"]


@pytest.mark.slow
def test_importing_is_light_and_a_first_pose_too():
    heavy = ["tensorflow", "matplotlib", "pandas", "IPython", "ipywidgets", "requests", "pooch", "flask", "dask", "av"]
    code = f"""
import sys, posekit
assert not [m for m in {heavy} if m in sys.modules], "after the import"
image = posekit.read_image(posekit.sample("person"))
posekit.draw(image, posekit.load_model()(image))
assert not [m for m in {heavy} if m in sys.modules], "after a pose"
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_importing_prints_nothing_and_starts_no_thread():
    code = "import threading, posekit; assert threading.active_count() == 1"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout + run.stderr == ""


def test_public_names_are_one_sorted_page():
    assert posekit.__all__ == sorted(posekit.__all__, key=lambda name: (not name.isupper(), name))  # constants first, as ruff wants
    modules = {name for name, value in vars(posekit).items() if inspect.ismodule(value)}
    public = {name for name in vars(posekit) if not name.startswith("_")} - modules
    assert public | {"__version__"} == set(posekit.__all__)


def test_every_public_thing_is_documented():
    for name in posekit.__all__:
        thing = getattr(posekit, name)
        assert isinstance(thing, str) or inspect.getdoc(thing), name
        for method, function in inspect.getmembers(thing, inspect.isfunction) if inspect.isclass(thing) else ():
            assert method.startswith("_") or inspect.getdoc(function), f"{name}.{method}"


def test_nothing_of_one_machine_is_kept(tracked):
    machine = re.compile(r"(?<![\w.])/(?:work|farm|root|home|Users|tmp|opt|private|mnt)/[\w.]")
    pairs = [("pypi", "org"), ("registry", "npmjs"), ("deb", "debian"), ("files", "pythonhosted"), ("anaconda", "org")]
    hosts = re.compile("|".join(rf"{a}\.{b}" for a, b in pairs))
    for path in tracked:
        binary = path.suffix in {".png", ".jpg", ".mp4", ".webp"}
        text = path.read_text(encoding="latin-1" if binary else "utf-8")
        if path.suffix == ".ipynb":  # pictures are base64, which can spell anything
            text = re.sub(r"base64,[A-Za-z0-9+/=\\]+", "", text)
        for found in (machine.search(text), hosts.search(text)):
            assert not found, f"{path.name}: {found[0]}"


def test_no_weights_and_no_large_files_are_kept(tracked):
    for path in tracked:
        assert path.suffix not in {".tflite", ".bin", ".pb", ".h5"}, path
        assert path.stat().st_size < 1_500_000, path


def test_notebooks_are_json_that_git_can_compare(tracked):
    for path in tracked:
        if path.suffix == ".ipynb":
            assert json.loads(path.read_text())["nbformat"] == 4
            assert path.read_text().endswith("\n")
