import importlib.util
import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from posekit.drawing import line_width
from posekit.frontend import assets
from posekit.pose import Pose, joint_angle

WIDGETS = {"PoseViewer": "pose_viewer", "UploadPose": "upload_pose", "LivePose": "live_pose", "PostureRecorder": "posture_recorder"}
PAGES = ("host", "feed", "photo", "result", "kiosk")


@pytest.fixture(scope="module", params=["modules", pytest.param("bundle", marks=pytest.mark.slow)])
def folder(request, tmp_path_factory):
    """The front end as a page loads it, and the live widget's as one script, whose exports are put back for the tests."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "package.json").write_text('{"type": "module"}')
    names = [file.removesuffix(".js") for file in assets.FILES if file.endswith(".js")]
    for name in names:
        (folder / f"{name}.js").write_text(assets.text(f"{name}.js"))
    if request.param == "bundle":
        exports = [each for name in assets.modules("live_pose") for each in assets.exports(name)]
        (folder / "bundle.js").write_text(f"{assets.bundle('live_pose')}\nexport {{ {', '.join(exports)} }};")
        for name in assets.modules("live_pose"):
            (folder / f"{name}.js").write_text('export * from "./bundle.js";')
    return folder


def widths():
    """Boxes, sizes of pictures, and how wide posekit.draw makes the bones."""
    cases = [
        ((0, 0, w, h), size)
        for w, h in [(10, 20), (200, 480), (900, 300), (700, 2900)]
        for size in [(640, 480), (3000, 4000), (64, 48)]
    ]
    poses = [
        Pose(np.zeros((17, 2), np.float32), np.ones(17, np.float32), np.array(box, np.float32), 1.0, size) for box, size in cases
    ]
    return [{"box": box, "size": size, "width": line_width(pose, size)} for (box, size), pose in zip(cases, poses, strict=True)]


def angles():
    """Three points and the angle between them as Python measures it; None for NaN."""
    points = np.random.default_rng(0).integers(0, 5, (200, 3, 2))  # few places, so that some points coincide
    return [
        {"points": each.tolist(), "degrees": None if np.isnan(degrees) else float(degrees)}
        for each, degrees in zip(points, joint_angle(points), strict=True)
    ]


def test_the_unit_tests_in_node(node, folder, root):
    """The same tests for what a page loads and for what a widget gets."""
    tests = sorted((root / "tests" / "frontend").glob("*.test.js"))
    oracles = {"POSEKIT_WIDTHS": json.dumps(widths()), "POSEKIT_ANGLES": json.dumps(angles())}
    environment = {"POSEKIT_FRONTEND": folder.as_uri(), **oracles}
    run = subprocess.run(
        [node, "--test", "--test-timeout=60000", *tests], capture_output=True, text=True, env=environment, timeout=120
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert int(re.search(r"pass (\d+)", run.stdout)[1]) >= 40


@pytest.mark.slow
@pytest.mark.parametrize("name", WIDGETS.values())
def test_a_widget_and_its_module_export_the_same(node, tmp_path, name):
    (tmp_path / "package.json").write_text('{"type": "module"}')
    for file in assets.FILES:
        if file.endswith(".js"):
            (tmp_path / file).write_text(assets.text(file))
    (tmp_path / "bundle.js").write_text(assets.bundle(name))
    code = f"""
      globalThis.document = globalThis.window = new EventTarget();
      const plain = (value) => typeof value === "function" ? String(value)
        : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
      const [a, b] = await Promise.all(["bundle", "{name}"].map((name) => import(`./${{name}}.js`)));
      console.log(JSON.stringify([plain(a.default), plain(b.default), Object.keys(a)]));
    """
    (tmp_path / "compare.js").write_text(code)
    run = subprocess.run([node, tmp_path / "compare.js"], capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    bundle, module, exported = json.loads(run.stdout)
    assert bundle == module
    assert exported == ["default"]


@pytest.mark.parametrize("widget", WIDGETS)
def test_a_widget_is_one_script_without_imports(widget):
    import posekit

    code = getattr(posekit, widget)._esm
    assert code == assets.bundle(WIDGETS[widget])
    assert len(re.findall(r"^export", code, re.M)) == 1
    assert not re.search(r"^import\b|\bimport\(|https?://(?!www\.w3\.org/)", code, re.M)  # nothing is fetched from elsewhere


def modules_of(tmp_path, monkeypatch, **modules):
    for name, code in modules.items():
        (tmp_path / f"{name}.js").write_text(code)
    monkeypatch.setattr(assets, "_FOLDER", tmp_path)


MAIN = 'import { f } from "./a.js";\nexport default f;\n'


def test_modules_are_joined_once_each_after_those_they_import(tmp_path, monkeypatch):
    modules_of(
        tmp_path,
        monkeypatch,
        main='import {\n  f,\n  g,\n} from "./a.js";\nimport { h } from "./b.js";\nexport default [f, g, h];\n',
        a='import { h } from "./b.js";\nexport function f() {}\nexport const g = h;\n',
        b="export const h = 1;\n",
    )
    assert assets.modules("main") == ["b", "a", "main"]
    assert " ".join(assets.bundle("main").split()) == "const h = 1; function f() {} const g = h; export default [f, g, h];"


@pytest.mark.parametrize(("modules", "message"), [
    ({"main": MAIN, "a": "export const g = 1;\n"}, "imports f, which a.js does not export"),
    ({"main": MAIN, "a": "const f = 1;\nexport { f };\n"}, "a.js cannot be joined with others: export { f };"),
    ({"main": MAIN, "a": "export const f = 1;\nexport { f as g };\n"}, "a.js cannot be joined with others: export { f as g };"),
    ({"main": MAIN, "a": "export const f = 1;\nexport default f;\n"}, "a.js cannot be joined"),
    ({"main": MAIN, "a": 'export const f = () => import("./b.js");\n'}, "a.js cannot be joined"),
    ({"main": MAIN, "a": 'import "./b.js";\nexport const f = 1;\n'}, "a.js cannot be joined"),
    ({"main": 'import f from "./a.js";\nexport default f;\n', "a": "export default 1;\n"}, "a.js cannot be joined"),
    ({"main": 'import { f as g } from "./a.js";\nexport default g;\n', "a": "export const f = 1;\n"}, "main.js imports"),
    ({"main": 'import * as a from "./a.js";\nexport default a;\n', "a": "export const f = 1;\n"}, "main.js imports"),
    ({"main": MAIN + "const g = 1;\n", "a": "export const f = 1;\nclass g {}\n"}, "main.js declares g, which a.js declares, too"),
    ({"main": MAIN, "a": "export const f = 1;\nconst { g } = {};\n"}, "a.js declares by a pattern"),
    ({"main": MAIN, "a": 'import { g } from "./main.js";\nexport const f = 1;\n'}, "import each other: main → a → main"),
])  # fmt: skip
def test_what_cannot_be_joined_is_refused(tmp_path, monkeypatch, modules, message):
    modules_of(tmp_path, monkeypatch, **modules)
    with pytest.raises(ValueError, match=re.escape(message)):
        assets.bundle("main")


@pytest.mark.parametrize("widget", WIDGETS)
def test_the_styles_of_a_widget_stay_inside_it(widget):
    import posekit

    code = re.sub(r"/\*.*?\*/", "", getattr(posekit, widget)._css, flags=re.S)
    assert code.startswith(re.sub(r"/\*.*?\*/", "", assets.css("base"), flags=re.S))
    code = re.sub(r"@keyframes[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", code)
    selectors = re.findall(r"([^{};]+)\{", code)
    assert selectors
    assert all(re.search(r"\.(posekit|pk-)", each) for each in selectors if not each.strip().startswith("@")), selectors


def test_a_widget_looks_at_no_document_but_its_own():
    """Several widgets share a page: no ids, no look-ups in the whole page."""
    for name in {each for widget in WIDGETS.values() for each in assets.modules(widget)}:
        assert not re.search(r"getElementById|document\.querySelector|[{ ]id: ", assets.text(f"{name}.js")), name


def test_the_tools_versions_are_locked_and_no_registry_is_named(root):
    lock = (root / "package-lock.json").read_text()
    assert "://" not in lock
    packages = json.loads(lock)["packages"]
    wanted = json.loads((root / "package.json").read_text())["devDependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all("integrity" in each for name, each in packages.items() if name)


@pytest.mark.slow
def test_a_node_program_in_the_clones_environment_runs(node):
    """`make lab` starts JupyterLab's yarn.js; below a package.json of type "module" it fails, with pages of its code."""
    spec = importlib.util.find_spec("jupyter_builder")
    assert spec
    run = subprocess.run([node, Path(spec.origin).with_name("yarn.js"), "--version"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-300:]
