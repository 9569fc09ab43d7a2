"""How poses and models show themselves in a notebook, as HTML: readable on light and dark, and by a screen reader."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from posekit.skeleton import COLORS, EDGES, KEYPOINTS, side

if TYPE_CHECKING:
    from posekit.movenet import MoveNet
    from posekit.poses import Pose, Poses


def poses_html(poses: Poses) -> str:
    """`Poses` for a notebook: a line, the skeletons, and a table of the keypoints to unfold."""
    tables = "".join(_table(i, pose) for i, pose in enumerate(poses))
    drawing = _svg(poses) if len(poses) else ""
    return f'<div><code>{escape(repr(poses))}</code><div style="margin:6px 0">{drawing}</div>{tables}</div>'


def model_html(model: MoveNet) -> str:
    """A model for a notebook: what it takes and what it gives."""
    rows = {
        "sees": f"a square of {model.input_size}×{model.input_size} pixels, RGB",
        "finds": f"17 keypoints of up to {model.max_people} people" if model.max_people > 1 else "17 keypoints of one person",
        "file": f"{model.path.name}, {model.path.stat().st_size / 1e6:.1f} MB",
    }
    cells = "".join(
        f'<tr><th style="text-align:left">{key}</th><td style="text-align:left">{escape(row)}</td></tr>'
        for key, row in rows.items()
    )
    return f"<table><caption>MoveNet {escape(model.name)}</caption>{cells}</table>"


def _svg(poses: Poses) -> str:
    width, height = poses.size
    unit = max(poses.size) / 100
    people = "".join(_bones(pose, unit) for pose in poses.above())
    paint = 'fill="currentColor" fill-opacity="0.06" stroke="currentColor" stroke-opacity="0.4"'
    frame = f'<rect width="{width}" height="{height}" {paint}/>'
    shown = f"width:min(100%,{round(240 * width / max(poses.size))}px)"
    label = f"Skeleton of {len(poses)} person" if len(poses) == 1 else f"Skeletons of {len(poses)} people"
    return f'<svg role="img" aria-label="{label}" viewBox="0 0 {width} {height}" style="{shown}">{frame}{people}</svg>'


def _bones(pose: Pose, unit: float) -> str:
    lines = []
    for a, b in EDGES:
        points = pose.xy[[a, b]]
        if np.isfinite(points).all():
            (x1, y1), (x2, y2) = points.round(1).tolist()
            dash = f' stroke-dasharray="{3 * unit:.1f} {unit:.1f}"' if side(a, b) == "right" else ""
            lines.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{_css(side(a, b))}"{dash}/>')
    return f'<g stroke-width="{2 * unit:.1f}" stroke-linecap="round">{"".join(lines)}</g>'


def _css(kind: str) -> str:
    return "currentColor" if kind == "centre" else "rgb({},{},{})".format(*COLORS[kind])


def _table(number: int, pose: Pose) -> str:
    rows = "".join(
        f"<tr><th>{name}</th><td>{x:.1f}</td><td>{y:.1f}</td><td>{score:.2f}</td></tr>"
        for name, (x, y), score in zip(KEYPOINTS, pose.xy.tolist(), pose.score.tolist(), strict=True)
    )
    head = "<tr><th>keypoint</th><th>x</th><th>y</th><th>score</th></tr>"
    title = f"person {number}: the 17 keypoints, confidence {pose.confidence:.2f}"
    return f"<details><summary>{title}</summary><table>{head}{rows}</table></details>"
