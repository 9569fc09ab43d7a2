"""What Python and JavaScript both need to know, written once. The browser gets it as the module `shared.js`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from posekit.motion import counting_constants
from posekit.pose import ANGLES, EDGES, FLIP, KEYPOINTS, LOOK, SIGMAS, THRESHOLD, side

#: The states of a live picture while its camera is open.
RUNNING = ("live", "busy", "silent", "hidden")

#: The longest recording of a live picture, in seconds.
MAX_RECORDING = 600.0

#: Files go both ways between browser and kernel in pieces of at most this many bytes: servers between them refuse long messages.
PIECE = 768 * 1024


def shared_js() -> str:
    """The module `shared.js`; `shared.d.ts` has its types."""
    look: dict[str, Any] = asdict(LOOK)
    look["rim_color"] = _css(LOOK.rim_color)
    for name, each in LOOK.sides.items():
        look["sides"][name]["color"] = _css(each.color)
    skeleton = {
        "names": KEYPOINTS,
        "sides": [side(i) for i in range(len(KEYPOINTS))],
        "edges": EDGES,
        "edgeSides": [side(a, b) for a, b in EDGES],
        "sigmas": [round(float(sigma), 3) for sigma in SIGMAS],
        "flip": FLIP.tolist(),
        "angles": list(ANGLES.values()),
    }
    constants = {
        "SKELETON": skeleton,
        "LOOK": look,
        "THRESHOLD": THRESHOLD,
        "RUNNING": RUNNING,
        "MAX_RECORDING": MAX_RECORDING,
        "PIECE": PIECE,
        "COUNTING": counting_constants(),
    }
    return "".join(f"export const {name} = {json.dumps(value)};\n" for name, value in constants.items())


def look_css() -> str:
    """The colours and marks of the skeleton's sides as CSS variables, for legends and tables."""
    lines = [f"--pk-rim: {_css(LOOK.rim_color)};"]
    for name, each in LOOK.sides.items():
        lines += [f"--pk-{name}: {_css(each.color)};", f"--pk-{name}-corner: {'50%' if each.joint == 'circle' else '0'};"]
    return f".posekit {{ {' '.join(lines)} }}\n"


def _css(color: tuple[int, int, int]) -> str:
    return "rgb({} {} {})".format(*color)
