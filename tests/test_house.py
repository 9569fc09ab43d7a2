"""The house itself: imports never go up, importing is light, the tree is as the README says, nothing of one machine is kept."""

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys

import pytest

import posekit

#: From the cellar to the roof: a module imports only from storeys below its own.
STOREYS = [
    ["errors", "catalogue"],
    ["skeleton"],
    ["html"],
    ["image"],
    ["poses"],
    ["download", "convert", "samples"],
    ["models"],
    ["movenet"],
    ["crowd"],
    ["load"],
    ["track", "tables", "writer"],
    ["live", "draw", "plot", "show"],
    ["video"],
    ["widgets.front"],
    ["widgets.viewer", "widgets.live"],
    ["widgets.upload"],
    ["widgets"],
    ["bench", "bench_live"],
    ["web.workers", "web.medias"],
    ["web.live", "web.feed"],
    ["web.services", "web.uploads"],
    ["web.api"],
    ["web.pages"],
    ["web.app"],
    ["web"],
    ["web.server", "web.bench"],
    ["cli"],
    ["__main__"],
]
STOREY = {name: number for number, names in enumerate(STOREYS) for name in names}


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


def imports(path):
    """Modules of posekit that a module imports, also inside functions, but not those for type checking only."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "posekit":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("posekit."):
            yield node.module.removeprefix("posekit.")
        elif isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("posekit.") for alias in node.names if alias.name.startswith("posekit."))


def test_every_module_has_its_storey(modules):
    assert set(modules) == set(STOREY)


def test_imports_never_go_up(modules):
    up = [(name, other) for name, path in modules.items() for other in imports(path) if STOREY[other] >= STOREY[name]]
    assert not up


def test_every_module_has_its_test(modules, root):
    tests = {path.stem for path in (root / "tests").glob("test_*.py")}
    names = {name.replace(".", "_") for name in modules if name not in ("__main__", "errors", "catalogue", "widgets")}
    assert {f"test_{name}" for name in names} <= tests


def test_modules_and_functions_are_short(modules):
    for name, path in modules.items():
        assert len(path.read_text().splitlines()) <= 320, name
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                body = [each for each in node.body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
                assert not body or body[-1].end_lineno - body[0].lineno < 40, f"{name}.{node.name}"


def test_tensorflow_is_imported_in_one_place(modules):
    assert [
        name for name, path in modules.items() if re.search(r"\btensorflow(?:_hub)?\b.*extra=|import tensorflow", path.read_text())
    ] == ["convert"]


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


def test_importing_prints_nothing_and_starts_no_thread():
    code = "import threading, posekit; assert threading.active_count() == 1"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout + run.stderr == ""


def test_public_names_are_one_sorted_page():
    assert posekit.__all__ == sorted(posekit.__all__)
    modules = {name for name, value in vars(posekit).items() if inspect.ismodule(value)}
    public = {name for name in vars(posekit) if not name.startswith("_")} - modules
    assert public | {"__version__"} == set(posekit.__all__)


def test_every_public_thing_is_documented():
    for name in posekit.__all__:
        thing = getattr(posekit, name)
        assert isinstance(thing, str) or inspect.getdoc(thing), name
        for method, function in inspect.getmembers(thing, inspect.isfunction) if inspect.isclass(thing) else ():
            assert method.startswith("_") or inspect.getdoc(function), f"{name}.{method}"


def test_a_missing_extra_says_how_to_install_it(monkeypatch):
    from posekit.errors import needs

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr(importlib, "import_module", lambda name: (_ for _ in ()).throw(ModuleNotFoundError(name="matplotlib")))
    with pytest.raises(posekit.MissingExtraError, match=r'matplotlib, which is not installed: pip install "posekit\[notebooks\]"'):
        needs("matplotlib.pyplot", extra="notebooks")
    assert issubclass(posekit.MissingExtraError, ImportError)


def test_nothing_of_one_machine_is_kept(tracked):
    machine = re.compile(r"(?<![\w.])/(?:work|farm|root|home|Users)/[\w.]")
    hosts = re.compile("|".join(["pypi" + r"\.org", "registry" + r"\.npmjs", "deb" + r"\.debian", "python" + "hosted"]))
    for path in tracked:
        if path.suffix in {".png", ".jpg", ".mp4"}:
            continue
        text = path.read_text()
        if path.suffix == ".ipynb":  # pictures are base64, which can spell anything
            text = re.sub(r"base64,[A-Za-z0-9+/=\\]+", "", text)
        assert not machine.search(text), f"{path.name}: {machine.search(text)}"
        assert not hosts.search(text), path.name


def test_no_weights_and_no_large_files_are_kept(tracked):
    for path in tracked:
        assert path.suffix not in {".tflite", ".bin", ".pb", ".h5"}, path
        assert path.stat().st_size < 1_500_000, path


def test_notebooks_are_json_that_git_can_compare(tracked):
    for path in tracked:
        if path.suffix == ".ipynb":
            assert json.loads(path.read_text())["nbformat"] == 4
            assert path.read_text().endswith("\n")
