import itertools

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot

import posekit

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


def test_returns_the_figure_and_its_axes(person, waving):
    figure, axes = posekit.plot(person, waving)
    assert axes.figure is figure
    assert len(axes.images) == 1


def test_plots_on_axes_that_are_given(person, waving):
    figure, (left, right) = pyplot.subplots(1, 2)
    assert posekit.plot(person, waving, ax=right) == (figure, right)
    assert not left.images


def test_points_lie_where_they_are(person, waving):
    _, axes = posekit.plot(person, waving)
    plotted = {tuple(np.round(line.get_xydata()[0], 1)) for line in axes.lines if line.get_marker() != "None"}
    assert {tuple(np.round(xy.astype(float), 1)) for xy in waving.xy[0]} == plotted
    assert axes.get_xlim() == (0, 640)
    assert axes.get_ylim() == (480, 0)


def test_a_pixel_and_a_keypoint_mean_the_same_place(waving):
    """A white pixel at column 100, row 50 covers x 100…101, y 50…51: the point (100.5, 50.5) lies in its middle."""
    black = np.zeros((480, 640, 3), np.uint8)
    black[50, 100] = 255
    _, axes = posekit.plot(black, waving)
    assert list(axes.images[0].get_extent()) == [0, 640, 480, 0]


def test_the_threshold_and_the_names(person, waving, unsure):
    _, axes = posekit.plot(person, unsure(waving, "nose", 0.1), names=True)
    names = {text.get_text() for text in axes.texts}
    assert "left wrist" in names
    assert "nose" not in names


@pytest.mark.slow
def test_names_of_eyes_and_ears_do_not_lie_over_each_other(person, waving):
    figure, axes = posekit.plot(person, waving, names=True)
    axes.set(xlim=(180, 460), ylim=(280, 30))
    figure.canvas.draw()
    boxes = {text.get_text(): text.get_window_extent() for text in axes.texts}
    for a, b in itertools.combinations(["left eye", "right eye", "nose", "left shoulder", "right shoulder"], 2):
        assert not boxes[a].overlaps(boxes[b]), (a, b)


def test_left_and_right_differ_without_colour(person, waving):
    _, axes = posekit.plot(person, waving)
    styles = {(line.get_color(), str(line.get_linestyle())) for line in axes.lines if line.get_linestyle() != "None"}
    assert len({style for _, style in styles}) >= 2


def test_nobody_is_a_picture_without_lines(person):
    _, axes = posekit.plot(person, posekit.Poses.empty((640, 480)))
    assert not axes.lines
