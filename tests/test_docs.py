"""The pages in docs/: their links and anchors lead somewhere, and their minutes are those of the lessons."""

import json
import re
from pathlib import Path

import pytest

DOCS = sorted((Path(__file__).parents[1] / "docs").glob("*.md"))


def anchors(text):
    """Anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text()), link


def test_teaching_gives_the_minutes_of_the_lessons(root):
    rows = re.findall(r"\.\./notebooks/(\w+)\.ipynb\) \| (\d+) \| (\d+) \|", (root / "docs" / "teaching.md").read_text())
    lessons = sorted((root / "notebooks").glob("*.ipynb"))
    assert [name for name, *_ in rows] == [lesson.stem for lesson in lessons]
    for lesson, (_, reading, exercises) in zip(lessons, rows, strict=True):
        text = "".join(line for cell in json.loads(lesson.read_text())["cells"] for line in cell["source"])
        time = re.search(r"\*\*Time:\*\* (\d+) minutes to read and run, (\d+) more", text)
        assert time, lesson.stem
        assert time.groups() == (reading, exercises), lesson.stem


def test_each_word_of_the_glossary_names_its_lesson(root):
    words = (root / "docs" / "glossary.md").read_text().split("\n## ")[1:]
    assert len(words) >= 40
    for word in words:
        assert re.search(r"^Lessons?: \[\w+\]\(\.\./notebooks/", word, re.MULTILINE), word.splitlines()[0]
