from dataclasses import replace

import numpy as np
import pytest

import posekit
from posekit.axes import axes_for
from posekit.pose import tracks_to_pandas

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture
def pyplot():
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def test_they_are_those_that_are_given_or_new(pyplot):
    figure, ax = pyplot.subplots()
    assert axes_for(ax, (3, 2)) == (figure, ax)
    inside = figure.subfigures(2)[0].subplots()
    assert axes_for(inside, (3, 2)) == (figure, inside)
    figure, ax = axes_for(None, (3, 2))
    assert tuple(figure.get_size_inches()) == (3, 2)
    assert figure.axes == [ax]


def test_anything_else_is_refused_by_every_plot(pyplot, person, waving):
    tracks = tracks_to_pandas([0.0, 0.04], [replace(waving, id=np.arange(len(waving)))] * 2)
    angles = posekit.angles(tracks)
    plots = (
        lambda ax: posekit.plot(person, waving, ax=ax),
        lambda ax: posekit.plot_angle(angles, "left_knee", ax=ax),
        lambda ax: posekit.plot_strip(tracks, ax=ax),
        lambda ax: posekit.plot_trajectory(tracks, "left_wrist", ax=ax),
    )
    for plot in plots:
        with pytest.raises(posekit.PosekitError, match=r"expected axes of matplotlib, .* as ax; got str"):
            plot("a")
    with pytest.raises(posekit.PosekitError, match="got ndarray; take one of them"):
        plots[0](pyplot.subplots(2)[1])
    removed = pyplot.subplots()[1]
    removed.remove()
    with pytest.raises(posekit.PosekitError, match="removed from their figure"):
        plots[0](removed)
