"""The front end as text: one ES module and one style sheet for a widget, without a bundler."""

from __future__ import annotations

import json
from pathlib import Path

from posekit.pose import EDGES, KEYPOINTS, LOOK, side

#: Every script and style sheet; a page may serve it as it is.
FOLDER = Path(__file__).parent

#: The live picture's files for `esm` and `css`: of LivePose, and of the page `/live`, which gives them a stand-in for the model.
LIVE_JS = ("dom", "skeleton", "stream", "frames", "loop", "live_pose")
LIVE_CSS = ("base", "live_pose")


def esm(*names: str) -> str:
    """One ES module of several files: a widget's front end is sent as text, which cannot import its neighbours.

    Args:
        names: files of this folder without `.js`; the last one has the `export default`.

    Returns:
        The skeleton as the constant `SKELETON` (names, sides, edges, edgeSides, colors), then the files.
    """
    skeleton = {
        "names": KEYPOINTS,
        "sides": [side(i) for i in range(len(KEYPOINTS))],
        "edges": EDGES,
        "edgeSides": [side(a, b) for a, b in EDGES],
        "colors": {name: "rgb({} {} {})".format(*look.color) for name, look in LOOK.sides.items()},
    }
    return "\n".join([f"const SKELETON = {json.dumps(skeleton)};", *((FOLDER / f"{name}.js").read_text("utf-8") for name in names)])


def css(*names: str) -> str:
    """One style sheet of several files of this folder, named without `.css`."""
    return "\n".join((FOLDER / f"{name}.css").read_text("utf-8") for name in names)
