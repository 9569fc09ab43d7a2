import json
import re
import subprocess

import pytest

from posekit.frontend.assets import LIVE_JS, css, esm
from posekit.pose.skeleton import EDGES, KEYPOINTS, LOOK

#: Each widget's front end, as its module puts it together.
WIDGETS = {"PoseViewer": ("dom", "figure", "pose_viewer"), "UploadPose": ("dom", "figure", "upload_pose"), "LivePose": LIVE_JS}


def test_the_browser_gets_the_skeleton_of_skeleton_py():
    first, _, rest = esm("dom", "figure").partition("\n")
    skeleton = json.loads(first.removeprefix("const SKELETON = ").removesuffix(";"))
    assert tuple(skeleton["names"]) == KEYPOINTS
    assert [tuple(edge) for edge in skeleton["edges"]] == list(EDGES)
    assert skeleton["sides"][KEYPOINTS.index("left_wrist")] == "left"
    assert skeleton["edgeSides"][EDGES.index((5, 6))] == "centre"  # the shoulders
    assert skeleton["colors"]["right"] == "rgb({} {} {})".format(*LOOK.sides["right"].color)
    assert "function makeFigure" in rest


@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_is_one_module_with_one_export_and_no_imports(name):
    import posekit

    code = getattr(posekit, name)._esm
    assert code == esm(*WIDGETS[name])
    assert len(re.findall(r"^export default", code, re.M)) == 1
    assert not re.search(r"^import\b|\bimport\(|https?://(?!www\.w3\.org/)", code, re.M)  # nothing is fetched from elsewhere


@pytest.mark.parametrize("name", WIDGETS)
def test_the_styles_of_a_widget_stay_inside_it(name):
    import posekit

    code = re.sub(r"/\*.*?\*/", "", getattr(posekit, name)._css, flags=re.S)
    assert code.startswith(re.sub(r"/\*.*?\*/", "", css("base"), flags=re.S))
    code = re.sub(r"@keyframes[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", code)
    selectors = re.findall(r"([^{};]+)\{", code)
    assert selectors
    assert all(re.search(r"\.(posekit|pk-)", each) for each in selectors if not each.strip().startswith("@")), selectors


def test_the_figure_looks_at_one_document_only(root):
    """Several widgets share a page: no ids, no look-ups in the whole page."""
    for name in ("dom", "figure", "pose_viewer", "upload_pose"):
        code = (root / "posekit" / "frontend" / f"{name}.js").read_text()
        assert not re.search(r"getElementById|document\.querySelector|[{ ]id: ", code), name


def test_the_modules_are_sound_javascript(tmp_path):
    node = pytest.importorskip(
        "playwright._impl._driver", reason="needs Playwright, which brings Node"
    ).compute_driver_executable()[0]
    for name, files in WIDGETS.items():
        path = tmp_path / f"{name}.mjs"
        path.write_text(esm(*files))
        run = subprocess.run([node, "--check", path], capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
