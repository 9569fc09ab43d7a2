import base64
import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import posekit


def images(shown):
    html = shown._repr_html_().replace('height:auto">', 'height:auto"/>')
    return ElementTree.fromstring(html).findall(".//img")


def pixels(element):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(element.attrib["src"].partition(",")[2]))).convert("RGB"))


def test_a_picture_has_its_alt_text(person):
    shown = posekit.show(person, alt='a person who waves, "hello" & <smiles>')
    (image,) = images(shown)
    assert image.attrib["alt"] == 'a person who waves, "hello" & <smiles>'
    assert repr(shown) == '[picture: a person who waves, "hello" & <smiles>]'


def test_colours_and_size_stay(person):
    shown = pixels(images(posekit.show(person, alt="a person"))[0])
    assert shown.shape == person.shape
    assert np.abs(shown.astype(int) - person).mean() < 4


def test_large_pictures_are_shrunk_so_that_notebooks_stay_small():
    assert pixels(images(posekit.show(np.zeros((1500, 3000, 3), np.uint8), alt="black"))[0]).shape == (480, 960, 3)


def test_several_side_by_side_with_captions(person):
    shown = posekit.show(person, person, alt=["left one", "right one"], captions=["before", "after <b>"])
    assert [image.attrib["alt"] for image in images(shown)] == ["left one", "right one"]
    assert "after &lt;b&gt;" in shown._repr_html_()


def test_one_text_for_several_pictures_is_said_once(person):
    assert [image.attrib["alt"] for image in images(posekit.show(person, person, alt="twice"))] == ["twice", ""]


def test_a_figure_is_shown_once(person, waving):
    from matplotlib import pyplot

    figure, _ = posekit.plot(person, waving)
    (image,) = images(posekit.show(figure, alt="a plot"))
    assert image.attrib["src"].startswith("data:image/png")
    assert figure.number not in pyplot.get_fignums()


def test_texts_must_match_pictures(person):
    with pytest.raises(posekit.PosekitError, match="1 pictures have 2 alt texts"):
        posekit.show(person, alt=["a", "b"])
    with pytest.raises(TypeError, match="alt"):
        posekit.show(person)
    with pytest.raises(posekit.ImageError, match="float64"):
        posekit.show(person / 255, alt="floats")
