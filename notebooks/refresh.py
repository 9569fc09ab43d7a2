"""Runs the notebooks afresh, in place: `python notebooks/refresh.py [NAME…]`.

What changes from run to run is cleaned away, so that a difference in git is one in the
lesson.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

#: Where the project lives on GitHub. Badges and install lines follow it.
REPOSITORY = "posekit/posekit"

HERE = Path(__file__).parent
SECONDS = 120  # for one cell

ADDRESS = re.compile(
    r"(colab\.research\.google\.com/github/|git\+https://github\.com/)[\w.-]+/[\w.-]+"
)
#: Lines that libraries write about the machine, and that say nothing about the lesson.
NOISE = re.compile(
    r"XNNPACK|absl::Initialize|^[IWE]\d{4} |^\d{4}-\d\d-\d\d .*: [IWE] "
    r"|pkg_resources|^\s*$"
)
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

Json = dict[str, Any]


def main(names: list[str]) -> None:
    """Refreshes the notebooks whose names begin with one of `names`, or all of them."""
    files = [f for f in sorted(HERE.glob("*.ipynb")) if f.name.startswith(tuple(names))]
    if not files:
        sys.exit(f"no notebook begins with {' or '.join(names)}")
    notebooks = {file: nbformat.read(file, as_version=4) for file in files}
    total = sum(c.cell_type == "code" for n in notebooks.values() for c in n.cells)
    with tqdm(total=total, unit="cell") as bar:
        for file, notebook in notebooks.items():
            bar.set_description(file.stem)
            address(notebook)
            run(notebook, lambda **_: bar.update())
            clean(notebook)
            nbformat.validate(notebook)
            nbformat.write(notebook, file)


def address(notebook: Any) -> None:
    """Points badges and install lines to `REPOSITORY`."""
    for cell in notebook.cells:
        cell.source = ADDRESS.sub(rf"\g<1>{REPOSITORY}", cell.source)


def run(notebook: Any, done: Callable[..., object] | None = None) -> None:
    """Runs all cells in a new kernel, and calls `done` after each code cell.

    Raises:
        CellExecutionError: a cell that is not tagged `raises-exception` failed.
    """
    client = NotebookClient(notebook, kernel_name="python3", timeout=SECONDS)
    client.record_timing = False
    client.coalesce_streams = True  # however many pieces a line came in
    client.resources = {"metadata": {"path": str(HERE)}}
    client.extra_arguments = ["--log-level=ERROR"]
    client.on_cell_executed = done
    # nbclient's stand-in for Output widgets sends on the socket on which it awaits the
    # end of the cell, and so now and then misses it until the timeout. Without it, what
    # a widget shows goes where all outputs go: under the cell.
    client.comm_open_handlers = {"jupyter.widget": lambda _: None}
    client.clear_output = lambda *_: None
    client.execute()


def clean(notebook: Any) -> None:
    """Removes widget ids, library noise, tracebacks, and the metadata of tools."""
    widgets = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if cell.cell_type == "code":
            kept = [new for old in cell.outputs for new in _cleaned(old, widgets)]
            cell.outputs = [nbformat.from_dict(output) for output in kept]


def _cleaned(output: Json, widgets: Json) -> list[Json]:
    """What is kept of one output: itself, something in its place, or nothing."""
    if output["output_type"] == "error":
        return [{**output, "traceback": [f"{output['ename']}: {output['evalue']}"]}]
    if output.get("name") == "stderr":
        lines = output["text"].splitlines(keepends=True)
        text = "".join(line for line in lines if not NOISE.search(line))
        return [{**output, "text": text}] if text else []
    if VIEW in output.get("data", {}):
        return _still(output["data"][VIEW]["model_id"], widgets)
    return [output]


def _still(widget: str, widgets: Json) -> list[Json]:
    """What a widget leaves where there is no kernel: what it is, and its HTML."""
    name = ", ".join(_controls(widget, widgets))
    html = f"<p>▶ <em>Run this cell to use its control ({name}).</em></p>"
    html += "".join(_html(widget, widgets))
    data = {"text/html": html, "text/plain": f"[{name}: run this cell to use it]"}
    return [{"output_type": "display_data", "metadata": {}, "data": data}]


def _controls(widget: str, widgets: Json) -> list[str]:
    """The kinds of the controls that a widget is made of, such as `FloatSlider`."""
    state = widgets[widget]["state"]
    children = state.get("children", [])
    if children:
        names = [name.removeprefix("IPY_MODEL_") for name in children]
        return [kind for name in names for kind in _controls(name, widgets)]
    kind = state.get("_anywidget_id") or widgets[widget]["model_name"]
    kind = kind.rpartition(".")[2].removesuffix("Model")
    return [] if kind in ("HTML", "Output") else [kind]


def _html(widget: str, widgets: Json) -> list[str]:
    """What HTML widgets in it show."""
    state = widgets[widget]["state"]
    inside = [name.removeprefix("IPY_MODEL_") for name in state.get("children", [])]
    own = [state["value"]] if state.get("_model_name") == "HTMLModel" else []
    return own + [html for child in inside for html in _html(child, widgets)]


if __name__ == "__main__":
    main([Path(name).name for name in sys.argv[1:]] or [""])
