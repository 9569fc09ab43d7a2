"""Runs what the README says: its Python as it is, its shell lines as far as a test may."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import posekit
from posekit.cli.command import parser


@pytest.fixture(scope="module")
def readme(root):
    return (root / "README.md").read_text()


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.slow
def test_its_python_runs(readme, root, tmp_path):
    python = blocks(readme, "python")
    assert python
    for number, block in enumerate(python):
        code = block.replace('"photo.jpg"', 'posekit.sample("person")')
        run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert run.returncode == 0, f"block {number}: {run.stderr}"


@pytest.mark.slow
def test_its_shell_lines_run(readme, root, tmp_path):
    """`make` targets exist; `posekit` commands run; whoever runs this has already run what installs or opens JupyterLab."""
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(), re.MULTILINE))
    lines = [line.partition("#")[0].strip() for block in blocks(readme, "sh") for line in block.splitlines()]
    lines = [line for line in lines if line]
    assert any(line.startswith("posekit") for line in lines)
    (tmp_path / "photos").mkdir()
    for source, name in {"person": "photo.jpg", "walk": "clip.mp4", "astronaut": "photos/1.jpg"}.items():
        shutil.copy(posekit.sample(source), tmp_path / name)
    for line in lines:
        program, *arguments = shlex.split(line)
        if program == "make":
            assert set(arguments) <= targets, line
        elif program == "posekit" and arguments[0] in ("bench", "serve"):
            parser().parse_args(arguments)  # take a while, or until Ctrl-C, and have tests of their own
        elif program == "posekit":
            subprocess.run([sys.executable, "-m", "posekit", *arguments], cwd=tmp_path, capture_output=True, check=True)
        else:
            assert program in {"git", "cd", "python3", "pip", ".", "pytest", "conda", "jupyter"}, line


def test_its_links_lead_somewhere(readme, root):
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", readme) + re.findall(r'src="([^"]+)"', readme)
    for link in links:
        assert link.startswith("https://") or (root / link).exists(), link


def test_its_addresses_are_those_of_the_notebooks(readme, root):
    """`REPOSITORY` in notebooks/refresh.py says where the project lives."""
    repository = re.search(r'^REPOSITORY = "(.+)"', (root / "notebooks" / "refresh.py").read_text(), re.MULTILINE)[1]
    found = re.findall(r"//(?:github\.com|colab\.research\.google\.com/github)/([\w.-]+/[\w.-]+)", readme)
    assert len(found) > 2
    assert set(found) == {repository}


def test_its_pictures_have_alt_text(readme):
    assert all(re.findall(r"!\[(.*?)\]", readme))
    for tag in re.findall(r"<img[^>]*>", readme):
        assert re.search(r'alt="[^"]+"', tag), tag


def test_its_table_lists_the_notebooks_that_exist(readme, root):
    listed = set(re.findall(r"notebooks/([\w.]+\.ipynb)", readme))
    assert listed == {path.name for path in Path(root / "notebooks").glob("*.ipynb")}


@pytest.mark.parametrize("name", ["person", "astronaut"])
def test_its_pictures_are_what_this_code_draws(name, root, lightning):
    """`posekit demo --out docs` makes them again."""
    image = posekit.read_image(posekit.sample(name))
    shown = posekit.read_image(root / "docs" / f"{name}_pose.png")
    assert np.abs(shown.astype(int) - posekit.draw(image, lightning(image))).mean() < 1
