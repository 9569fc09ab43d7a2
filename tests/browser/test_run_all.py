"""Every lesson by Run All in JupyterLab, so many times: `make run-all RUNS=10`. Before a release, since it takes a while."""

import os
import shutil
from pathlib import Path

import nbformat
import pytest

from browser.lab import Notebook
from browser.test_notebooks_live import BADGE

ROOT = Path(__file__).parents[2]
LESSONS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
RUNS = int(os.environ.get("POSEKIT_RUN_ALL", 0))

#: Seconds for a lesson, also on a busy machine.
SECONDS = 1800

#: Of the code cells: the number that each has when it has run, what it holds, and the errors in what it put out.
CELLS = """() => jupyterapp.shell.currentWidget.content.widgets.filter((cell) => cell.model.type === "code").map((cell) => ({
  count: cell.model.executionCount,
  source: cell.model.sharedModel.source.trim(),
  errors: cell.model.toJSON().outputs.filter((output) => output.output_type === "error").map((output) => output.ename),
}))"""


@pytest.mark.skipif(not RUNS, reason="runs all lessons again: make run-all")
@pytest.mark.parametrize("run", range(RUNS or 1))
@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_runs_as_a_whole(lab, page, name, run):
    for folder in ("docs", "notebooks"):
        shutil.copytree(ROOT / folder, lab.folder / folder, dirs_exist_ok=True)
    cells = [cell for cell in nbformat.read(lab.folder / "notebooks" / name, as_version=4).cells if cell.cell_type == "code"]
    page.route("https://colab.research.google.com/**", lambda route: route.fulfill(body=BADGE, content_type="image/svg+xml"))
    notebook = Notebook(lab, page, f"notebooks/{name}")
    try:
        page.evaluate("() => void jupyterapp.commands.execute('notebook:run-all-cells').catch(() => {})")  # done at the first error
        page.wait_for_function(f"() => ({CELLS})().every((cell) => cell.count || !cell.source)", timeout=1000 * SECONDS)
        notebook.wait_idle(SECONDS)
        ran = page.evaluate(CELLS)
        for cell, found in zip(cells, ran, strict=True):
            meant = ["AssertionError"] * ("raises-exception" in cell.metadata.get("tags", []))
            assert found["errors"] == meant, cell.source
        assert not page.get_by_text("Stopped.", exact=True).is_visible()
        assert not notebook.errors
    finally:
        notebook.close()
