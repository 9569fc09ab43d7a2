import json
import re

from posekit.frontend import assets
from posekit.pose.skeleton import EDGES, KEYPOINTS, LOOK


def test_the_browser_gets_the_skeleton_of_skeleton_py():
    lines = dict(re.findall(r"^export const (\w+) = (.*);$", assets.text("shared.js"), re.M))
    skeleton, look = json.loads(lines["SKELETON"]), json.loads(lines["LOOK"])
    assert tuple(skeleton["names"]) == KEYPOINTS
    assert [tuple(edge) for edge in skeleton["edges"]] == list(EDGES)
    assert skeleton["sides"][KEYPOINTS.index("left_wrist")] == "left"
    assert skeleton["edgeSides"][EDGES.index((5, 6))] == "centre"  # the shoulders
    assert look["sides"]["right"]["color"] == "rgb({} {} {})".format(*LOOK.sides["right"].color)
    assert "--pk-left-corner: 50%" in assets.text("base.css")


def test_what_python_gives_has_types(root):
    types = (root / "posekit" / "frontend" / "shared.d.ts").read_text()
    assert re.findall(r"^export const (\w+)", types, re.M) == assets.exports("shared")


def test_no_other_file_has_a_colour_of_the_skeleton():
    for file in assets.FILES:
        if file not in ("shared.js", "base.css", "icon.svg"):
            for color in (LOOK.rim_color, *(each.color for each in LOOK.sides.values())):
                assert "{} {} {}".format(*color) not in assets.text(file), file
