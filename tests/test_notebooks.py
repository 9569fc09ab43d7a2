"""The lessons: their form, and that they run, with nbval, each once. `pytest --nbval-lax notebooks` runs them as they are."""

import ast
import copy
import importlib.util
import io
import itertools
import json
import operator
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import posekit

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")
pd = pytest.importorskip("pandas")

FOLDER = Path(__file__).parents[1] / "notebooks"
FILES = sorted(FOLDER.glob("*.ipynb"))
#: Answers to a lesson's exercises, in a file of its name: cells that begin with `# %% NUMBER: what is wrong`, or with
#: `# %% NUMBER right: what is different` where it is right in a style of its own.
ANSWERS = Path(__file__).parent / "exercises"
SECTIONS = ["What you will do", "What you will learn", "What you need", "What you learned", "In practice"]
MACHINE = re.compile(r"/(?:home|root|tmp|work|Users|private|var)/|[A-Z]:\\\\Users")
MAX_BYTES = 1_500_000

# The notebooks' own runner: they are no package, so it is loaded by its path.
_spec = importlib.util.spec_from_file_location("refresh", FOLDER / "refresh.py")
refresh = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(refresh)

each_notebook = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def read(file):
    return nbformat.read(file, as_version=4)


def prose(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tagged(cell, tag):
    return tag in cell.metadata.get("tags", [])


def headings(notebook):
    """(level, text) of each heading; a # inside a fenced block is a comment."""
    text = re.sub(r"^```.*?^```", "", prose(notebook), flags=re.M | re.S)
    return [(len(marks), title.strip()) for marks, title in re.findall(r"^(#{1,6}) (.+)$", text, re.M)]


def anchors(text):
    """Anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def html_outputs(cell):
    return [output["data"]["text/html"] for output in cell.outputs if "text/html" in output.get("data", {})]


def texts(cell):
    """Everything that a reader can see of a cell's outputs, except the bytes of pictures."""
    for output in cell.outputs:
        yield output.get("text", "")
        yield "\n".join(output.get("traceback", []))
        for content in output.get("data", {}).values():
            yield re.sub(r"base64,[A-Za-z0-9+/=]+", "", str(content))


def exercises(notebook):
    """The index of each stub, of its check, and the code of its solution. Before its check, a cell may make what it needs."""
    cells = notebook.cells
    for stub in (i for i, cell in enumerate(cells) if tagged(cell, "exercise")):
        check = next(i for i in range(stub + 1, len(cells)) if tagged(cells[i], "raises-exception"))
        [solution] = re.findall(r"<details>.*?```python\n(.*?)```.*?</details>", cells[check + 1].source, re.S)
        yield stub, check, solution


class Images(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.alts = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.alts.append(dict(attrs).get("alt") or "")


def test_each_notebook_has_a_number_of_its_own_from_0_on():
    numbers = [int(file.name[:2]) for file in FILES]
    assert len(set(numbers)) == len(numbers) >= 4
    assert numbers[0] == 0


@each_notebook
def test_one_title_and_no_jump_in_the_headings(file):
    levels = [level for level, _ in headings(read(file))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


@each_notebook
def test_sections_that_every_lesson_has(file):
    titles = [title for _, title in headings(read(file))]
    assert [title for title in titles if title in SECTIONS] == SECTIONS
    assert any(title.startswith("Where it fails") for title in titles)
    assert re.search(r"\*\*Time:\*\* \d+ minutes to read and run, \d+ more for the exercises?", prose(read(file)))


@each_notebook
def test_its_time_is_honest_and_three_quarters_of_an_hour_at_most(file):
    """200 words a minute, 20 seconds to run a code cell and look at what it shows, 5 minutes for an exercise."""
    notebook = read(file)
    times = re.search(r"\*\*Time:\*\* (\d+) minutes to read and run, (\d+) more", prose(notebook)).groups()
    reading, solving = (int(minutes) for minutes in times)
    assert reading >= len(prose(notebook).split()) / 200 + len(code(notebook)) / 3
    assert solving >= 5 * len(list(exercises(notebook)))
    assert reading + solving <= 45


@each_notebook
def test_its_end_leads_to_the_next_lesson(file):
    text = prose(read(file))
    end = text[text.index("## What you learned") : text.index("## In practice")]
    following = FILES[(FILES.index(file) + 1) % len(FILES)]
    assert re.search(rf"\[{following.name[:2]} [^\]]+\]\({following.name}\)", end)


@each_notebook
def test_as_many_things_learned_as_promised(file):
    text = prose(read(file))
    promised = text[text.index("## What you will learn") : text.index("## What you need")]
    learned = text[text.index("## What you learned") : text.index("## In practice")]
    count = [len(re.findall(r"^\d\. ", part, re.M)) for part in (promised, learned)]
    assert count[0] == count[1] >= 3


@each_notebook
def test_badge_and_links_come_first(file):
    first = read(file).cells[0].source
    address = rf"https://colab\.research\.google\.com/github/[\w.-]+/[\w.-]+/blob/main/notebooks/{file.name}\)"
    assert re.match(r"\[!\[\S.*?\]\(\S+\)\]\(" + address, first)
    links, here = first.splitlines()[1], FILES.index(file)
    if here > 0:
        assert f"Previous: [{FILES[here - 1].name[:2]} " in links
        assert f"({FILES[here - 1].name})" in links
    if here + 1 < len(FILES):
        assert f"Next: [{FILES[here + 1].name[:2]} " in links
        assert f"({FILES[here + 1].name})" in links


@each_notebook
def test_links_resolve_and_say_where_they_go(file):
    links = re.findall(r"(?<!!)\[([^\]\[]+)\]\(([^)]+)\)", prose(read(file)))
    for text, target in links:
        path, _, anchor = target.partition("#")
        assert target.startswith("https://") or (FOLDER / path).is_file(), target
        assert target.startswith("https://") or not anchor or anchor in anchors((FOLDER / path).read_text()), target
        assert text.lower() not in ("here", "this", "link", "click here")


def test_each_word_of_the_glossary_is_linked_where_a_lesson_explains_it():
    glossary = FOLDER.parent / "docs" / "glossary.md"
    explained = re.findall(r"^## (.+)\n[\s\S]+?^Lessons?: \[(\w+)\]", glossary.read_text(), re.MULTILINE)
    for word, lesson in explained:
        [anchor] = anchors(f"## {word}")
        if word not in ("AR", "Comm"):  # behind the scenes of a lesson, which does not say the word
            assert f"(../docs/glossary.md#{anchor})" in prose(read(FOLDER / f"{lesson}.ipynb")), (word, lesson)


@each_notebook
def test_install_cell_follows_the_badge(file):
    notebook = read(file)
    repository = re.search(r"colab\.research\.google\.com/github/([\w.-]+/[\w.-]+)/", notebook.cells[0].source)[1]
    assert f"git+https://github.com/{repository}" in code(notebook)[0].source
    assert repository == refresh.REPOSITORY


def words_a_cell(notebook):
    """Words for each code cell, without tables and what stands before the first cell and after the last one."""
    text = prose(notebook)
    told = text[text.index("## Set up") : text.index("## What you learned")]
    return len(re.sub(r"^\|.*$", "", told, flags=re.MULTILINE).split()) / len(code(notebook))


@each_notebook
def test_cells_are_short_and_prose_stands_between_them(file):
    notebook = read(file)
    lines = [len(cell.source.splitlines()) for cell in code(notebook)]
    assert max(lines) <= 15
    assert sorted(lines)[len(lines) // 2] <= 8
    runs = itertools.groupby(notebook.cells, key=lambda cell: cell.cell_type)
    gaps = [" ".join(cell.source for cell in run) for kind, run in runs if kind == "markdown"]
    words = sorted(len(gap.split()) for gap in gaps[1:-1])
    assert 60 <= words_a_cell(notebook) <= 120
    assert 40 <= words[len(words) // 2] <= 120, f"{words[len(words) // 2]} words between two code cells, in the median"
    assert words[0] >= 10
    kinds = "".join(cell.cell_type[0] for cell in notebook.cells)
    assert "cccc" not in kinds, "four code cells in a row"


@each_notebook
def test_prediction_is_asked_before_the_cell_with_a_line_for_the_guess(file):
    cells = read(file).cells
    asked = [i for i, cell in enumerate(cells) if "**Predict, then run.**" in cell.source]
    assert len(asked) >= 3
    assert all("> My guess:" in cells[i].source for i in asked)
    assert all(cells[i + 1].cell_type == "code" for i in asked)


@each_notebook
def test_every_picture_has_alt_text(file):
    for cell in code(read(file)):
        for output in cell.outputs:
            assert not {"image/png", "image/jpeg", "image/svg+xml"} & set(output.get("data", {})), cell.source
        for html in html_outputs(cell):
            assert all(len(alt) > 5 for alt in Images(html).alts), cell.source


@each_notebook
def test_what_a_cell_shows_is_its_last_line(file):
    """A picture that `posekit.show` returns before the last line is seen by nobody."""
    for cell in code(read(file)):
        statements = ast.parse(re.sub(r"^(\s*)%.*$", r"\1pass", cell.source, flags=re.M)).body
        assert not [each for each in statements[:-1] if ast.unparse(each).startswith("posekit.show(")], cell.source


@each_notebook
def test_outputs_are_those_of_one_clean_run(file):
    notebook = read(file)
    cells = code(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        errors = [output for output in cell.outputs if output.output_type == "error"]
        assert bool(errors) == tagged(cell, "raises-exception"), cell.source
        assert not [output for output in cell.outputs if output.get("name") == "stderr"], cell.source
        assert not [text for text in texts(cell) if MACHINE.search(text) or "\x1b" in text], cell.source
        assert not re.search(r"\bat 0x[0-9a-fA-F]+", " ".join(texts(cell))), cell.source


@each_notebook
def test_the_file_is_small_and_free_of_what_changes(file):
    assert file.stat().st_size < MAX_BYTES
    notebook = read(file)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"
    assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


@each_notebook
def test_in_the_place_of_a_widget_stands_what_it_is(file):
    for cell in code(read(file)):
        for output in cell.outputs:
            assert not any("jupyter.widget" in kind for kind in output.get("data", {})), cell.source
        shown = re.escape(cell.source.splitlines()[-1])
        kinds = "LivePose|PoseViewer|PostureRecorder|UploadPose|ImageRecorder"
        for kind in re.findall(rf"^{shown} = \w+\.({kinds})\(", cell.source, re.MULTILINE):
            assert f"[{kind}: run this cell to use it]" in "".join(texts(cell)), cell.source


@each_notebook
def test_exercises_are_complete(file):
    notebook = read(file)
    found = list(exercises(notebook))
    titles = [title for _, title in headings(notebook) if title.startswith("Exercise")]
    assert len(found) == len(titles) >= (1 if file.name.startswith("00") else 2)
    for stub, check, solution in found:
        assert "*Hints:*" in notebook.cells[stub - 1].source
        assert "..." in notebook.cells[stub].source
        assert not re.search(r"(= |: |^\s*)\.\.\.$", solution, re.M)
        assert tagged(notebook.cells[check], "raises-exception")
        assert "assert" in notebook.cells[check].source
    tagged_checks = [i for i, cell in enumerate(notebook.cells) if tagged(cell, "raises-exception")]
    assert tagged_checks == [check for _, check, _ in found]


@each_notebook
def test_checks_of_unsolved_exercises_say_what_to_do(file):
    notebook = read(file)
    for _, check, _ in exercises(notebook):
        [error] = [output for output in notebook.cells[check].outputs if output.output_type == "error"]
        assert error.ename == "AssertionError"
        assert len(error.evalue) > 20


@each_notebook
def test_every_name_of_posekit_exists(file):
    for name in set(re.findall(r"\bposekit((?:\.[A-Za-z_]\w*)+)", "\n".join(cell.source for cell in read(file).cells))):
        operator.attrgetter(name.removeprefix("."))(posekit)


def answers(file):
    """The number of the exercise, whether it is right, what is special, and the code, of each answer to a lesson's exercises."""
    text = (ANSWERS / f"{file.stem}.py").read_text()
    parts = re.split(r"^# %% (\d)( right)?: (.+)\n", text, flags=re.MULTILINE)[1:]
    rows = zip(parts[::4], parts[1::4], parts[2::4], parts[3::4], strict=True)
    return [(int(number), bool(right), what, code) for number, right, what, code in rows]


@each_notebook
def test_each_exercise_has_wrong_answers_to_refuse(file):
    kinds = [(number, right) for number, right, *_ in answers(file)]
    assert kinds == sorted(kinds)
    for number in range(1, len(list(exercises(read(file)))) + 1):
        assert kinds.count((number, False)) >= 2, number


#: Runs a check that must refuse what the cell before it answered, and keeps what it said. Python deletes the name after `as`,
#: so it must not be one of a lesson's own.
REFUSED = """
try:
    exec({check!r})
except AssertionError as refusal:
    refusals.append(str(refusal))
else:
    raise RuntimeError("the check passes " + {what!r})
assert len(refusals[-1]) > 15, refusals[-1]
"""

#: No check may have named the right answer: a number or a word, in any usual number of digits.
NOT_TOLD = """
for answer in [{names}]:
    if np.ndim(answer) == 0 and isinstance(answer, (str, int, float, np.number)):
        digits = range(int(abs(answer) < 10), 4) if isinstance(answer, (float, np.floating)) else ()
        forms = [str(answer), *(f"{{answer:.{{n}}f}}" for n in digits)]
        told = [line for line in refusals for form in forms if re.search(rf"(?<![\\w.]){{re.escape(form)}}(?!\\.?\\w)", line)]
        assert not told, told
"""


def answered(notebook, given):
    """The lesson with its exercises answered, each after its check: wrong answers, all refused, then right ones, which pass."""
    cells = [copy.copy(cell) for cell in notebook.cells]
    new = nbformat.v4.new_code_cell
    for number, (stub, check, solution) in reversed(list(enumerate(exercises(notebook), 1))):
        added = [new("import contextlib\nimport re\nimport numpy as np\nrefusals = []")]
        for right, what, code in [row for each, *row in given if each == number]:
            refused = REFUSED.format(check=cells[check].source, what=what)
            added += [new(code), new(cells[check].source if right else refused)]
        names = ", ".join(re.findall(r"^(\w+(?:, \w+)*) = \.\.\.", cells[stub].source, re.MULTILINE))
        cells[check + 1 : check + 1] = [*added, new(solution), new(cells[check].source), new(NOT_TOLD.format(names=names))]
        cells[check].metadata = {"tags": ["raises-exception", "nbval-check-output"]}
    return nbformat.from_dict({**notebook, "cells": cells})


@pytest.mark.slow
@each_notebook
def test_it_runs_and_its_exercises_refuse_what_is_wrong_and_can_be_solved(file, tmp_path):
    nbformat.write(answered(read(file), answers(file)), tmp_path / file.name)
    command = [sys.executable, "-m", "pytest", "-q", "--nbval-lax", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr


#: In this lesson a person is 190 pixels tall, and a point is right within 8 of them.
TRUST, TALL = FOLDER / "05_can_you_trust_it.ipynb", 190


def marked_people(photos):
    """Photo, box (x, y, width, height) and (17, 3) marked points of each of COCO's people who is large and shows enough."""
    marked = json.loads((photos / "person_keypoints.json").read_text())
    names = {image["id"]: image["file_name"] for image in marked["images"]}
    for person in marked["annotations"]:
        if person["num_keypoints"] >= 6 and person["bbox"][3] >= 60 and not person["iscrowd"]:
            points = np.reshape(person["keypoints"], (17, 3))
            yield photos / "images" / names[person["image_id"]], np.array(person["bbox"]), points


def looks(photos, colours=slice(None)):
    """For every marked person, from one look: how far off each marked point is, as if the person were `TALL`, and its score."""
    model = posekit.load_model("lightning")
    for path, box, points in marked_people(photos):
        side = 1.3 * box[2:].max()
        left, top = box[:2] + box[2:] / 2 - side / 2
        image = posekit.read_image(path)[..., colours].copy()
        poses = model.look(image, posekit.Region(round(left), round(top), round(side)))
        off = np.linalg.norm(poses.xy[0] - points[:, :2], axis=1) / box[2:].max() * TALL
        yield off[points[:, 2] > 0], poses.score[0][points[:, 2] > 0]


@pytest.mark.slow
def test_the_reliability_curve_of_lesson_05_holds_on_photos_of_coco_but_lower(shared):
    lesson = {cell.source.splitlines()[0]: cell for cell in code(read(TRUST))}
    wilson, bins = lesson["def wilson(hits):"], lesson["right = error < 8"]
    error, score = (np.concatenate(each) for each in zip(*looks(shared / "photos"), strict=True))
    names = {"np": np, "pd": pd, "itertools": itertools, "error": error, "score": score}
    exec(wilson.source + "\n" + bins.source, names)
    photos = names["curve"].round(2).set_index("score")
    kept = pd.read_fwf(io.StringIO(bins.outputs[0]["data"]["text/plain"])).set_index("score")
    assert photos["points"].sum() > 1000
    trusted = photos.loc[0.45:0.75]
    assert (trusted["from"] > trusted.index).all()  # above the diagonal
    assert trusted["right"].is_monotonic_increasing
    assert (trusted["right"] < kept.loc[0.45:0.75, "right"]).all()
    said = re.search(r"photos of COCO[^.]+ (\d\d) of 100", prose(read(TRUST)))
    assert abs(100 * photos.loc[0.45, "right"] - int(said[1])) < 3


@pytest.mark.slow
def test_what_lesson_02_says_of_blue_people_in_photos_of_coco_holds(shared):
    right, blue = ([off.mean() for off, _ in looks(shared / "photos", order)] for order in (slice(None), slice(None, None, -1)))
    said = r"with (\d+) marked people, this mistake made the mean error (\d\.\d) times as large, and two in three"
    people, times = re.search(said, prose(read(FOLDER / "02_single_image.ipynb"))).groups()
    assert len(right) == int(people)
    assert abs(np.mean(blue) / np.mean(right) - float(times)) < 0.05
    assert abs(np.mean(np.greater(blue, right)) - 2 / 3) < 0.05
