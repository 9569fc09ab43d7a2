"""The notebook view of poses: plain values → HTML, legible on light and dark backgrounds and accessible to screen readers."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from posekit.pose.skeleton import EDGES, KEYPOINTS, LOOK, side
from posekit.pose.words import count_people


def poses_html(title: str, size: tuple[int, int], xy: Any, score: Any, confidence: Any, threshold: float) -> str:
    """The HTML that shows people in a notebook: a title, the skeletons, and a collapsed table of keypoints for each person.

    Args:
        title: the first line.
        size: (width, height) of the picture.
        xy: (n, 17, 2) pixels.
        score: (n, 17).
        confidence: (n,).
        threshold: keypoints with a lower score, and bones to them, are not drawn.
    """
    people = zip(xy.tolist(), score.tolist(), confidence.tolist(), strict=True)
    tables = "".join(_table(i, *person) for i, person in enumerate(people))
    drawing = _svg(size, np.where(score[..., None] >= threshold, xy, np.nan)) if len(xy) else ""
    return f'<div><code>{escape(title)}</code><div style="margin:6px 0">{drawing}</div>{tables}</div>'


def _svg(size: tuple[int, int], xy: Any) -> str:
    width, height = size
    people = "".join(_bones(points, 2 * max(size) / LOOK.bones_per_image) for points in xy)
    paint = 'fill="currentColor" fill-opacity="0.06" stroke="currentColor" stroke-opacity="0.4"'
    frame = f'<rect width="{width}" height="{height}" {paint}/>'
    shown = f"width:min(100%,{round(240 * width / max(size))}px)"
    label = f"Skeleton{'s' * (len(xy) > 1)} of {count_people(len(xy))}"
    return f'<svg role="img" aria-label="{label}" viewBox="0 0 {width} {height}" style="{shown}">{frame}{people}</svg>'


def _bones(xy: Any, width: float) -> str:
    lines = []
    for a, b in EDGES:
        points = xy[[a, b]]
        if np.isfinite(points).all():
            (x1, y1), (x2, y2) = points.round(1).tolist()
            pattern = " ".join(f"{width * part:.1f}" for part in LOOK.sides[side(a, b)].dash)
            dash = f' stroke-dasharray="{pattern}" stroke-linecap="butt"' if pattern else ""  # round ends would fill the gaps
            lines.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{_css(side(a, b))}"{dash}/>')
    return f'<g stroke-width="{width:.1f}" stroke-linecap="round">{"".join(lines)}</g>'


def _css(kind: str) -> str:
    return "currentColor" if kind == "centre" else "rgb({},{},{})".format(*LOOK.sides[kind].color)


def _table(number: int, xy: Any, score: Any, confidence: float) -> str:
    rows = "".join(
        f"<tr><th>{name}</th><td>{x:.1f}</td><td>{y:.1f}</td><td>{each:.2f}</td></tr>"
        for name, (x, y), each in zip(KEYPOINTS, xy, score, strict=True)
    )
    head = "<tr><th>keypoint</th><th>x</th><th>y</th><th>score</th></tr>"
    title = f"person {number}: the 17 keypoints, confidence {confidence:.2f}"
    return f"<details><summary>{title}</summary><table>{head}{rows}</table></details>"
