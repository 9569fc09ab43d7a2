import dataclasses
from xml.etree import ElementTree

import numpy as np

import posekit
from posekit.pose.skeleton import KEYPOINTS


def test_poses_show_a_labelled_skeleton_and_a_table(waving):
    html = waving._repr_html_()
    tree = ElementTree.fromstring(html)  # well-formed, so that no browser has to guess
    assert tree.find(".//svg").attrib["aria-label"] == "Skeleton of 1 person"
    assert tree.find(".//svg").attrib["role"] == "img"
    assert len(tree.findall(".//line")) == 18
    assert [row.find("th").text for row in tree.findall(".//tr")[1:]] == list(KEYPOINTS)


def test_the_right_side_is_dashed_so_that_it_differs_without_colour(waving):
    lines = ElementTree.fromstring(waving._repr_html_()).findall(".//line")
    dashed = {line.attrib["stroke"] for line in lines if "stroke-dasharray" in line.attrib}
    solid = {line.attrib["stroke"] for line in lines if "stroke-dasharray" not in line.attrib}
    assert len(dashed) == 1
    assert not dashed & solid
    assert {line.get("stroke-linecap") for line in lines if "stroke-dasharray" in line.attrib} == {"butt"}  # round ends fill gaps


def test_points_under_the_threshold_are_not_drawn(waving):
    faint = dataclasses.replace(waving, score=np.full((1, 17), 0.1))
    assert "<line" not in faint._repr_html_()


def test_nobody_shows_as_one_line():
    assert posekit.Poses.empty((640, 480))._repr_html_().count("<") == 6
    assert "nobody" in posekit.Poses.empty((640, 480))._repr_html_()


def test_a_model_says_what_it_takes_and_gives(lightning, multipose):
    ElementTree.fromstring(lightning._repr_html_())
    assert "192×192" in lightning._repr_html_()
    assert "up to 6 people" in multipose._repr_html_()
