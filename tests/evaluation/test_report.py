import re
from html.parser import HTMLParser

import numpy as np
import pytest

import posekit

pytest.importorskip("pycocotools")
pytest.importorskip("pandas")


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.images = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.images.append(dict(attributes))
        elif tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def text(folder, oracle, tmp_path):
    model = oracle(2, ghosts=1)

    def forgets(image):
        found = model(image)
        return found[:0] if len(model.seen) == 2 else found

    found = posekit.evaluate(folder / "people.json", folder / "images", forgets, progress=False)
    return found.report(tmp_path / "report.html", gallery=3).read_text()


@pytest.mark.slow
def test_every_tag_is_closed_and_every_picture_is_inside_and_described(text):
    tags = Tags(text)
    assert tags.open == []
    assert len(tags.images) == 2 * (3 + 1 + 3)
    for image in tags.images:
        assert image["src"].startswith("data:image/jpeg;base64,")
        assert "as annotated" in image["alt"] or "as the model sees it" in image["alt"]


@pytest.mark.slow
def test_nothing_is_fetched_from_elsewhere(text):
    assert not re.search(r"<script|<link|https?://|url\(", text)


@pytest.mark.slow
def test_it_tells_the_figures_and_the_mistakes(text):
    for words in (
        "How good is forgets?",
        "95 % interval",
        "Found, but badly",
        "Not found, 11.png",
        "A ghost, ",
        "inversion",
        "left wrist",
    ):
        assert words in text


@pytest.mark.slow
def test_names_from_elsewhere_are_text(folder, content, tmp_path):
    image = content["images"][0]
    image["file_name"] = '"><script>alert(1)</script>.png'.replace("/", "_")
    (tmp_path / image["file_name"]).write_bytes((folder / "images" / "10.png").read_bytes())
    content["images"] = [image]
    content["annotations"] = content["annotations"][:1]
    found = posekit.evaluate(content, tmp_path, lambda image: [], progress=False)
    assert "<script" not in found.report(tmp_path / "report.html").read_text()


@pytest.mark.slow
def test_wild_answers_are_drawn_too(folder, tmp_path):
    def wild(image):
        xy = np.full((1, 17, 2), 1e9, np.float32)
        return posekit.Poses(xy, np.ones((1, 17)), np.zeros((1, 4)), np.ones(1, np.float32), image.shape[1::-1])

    found = posekit.evaluate(folder / "people.json", folder / "images", wild, progress=False)
    assert "A ghost" in found.report(tmp_path / "report.html").read_text()
