import numpy as np
import pytest

import posekit

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture
def ax():
    from matplotlib import pyplot

    figure, ax = pyplot.subplots()
    yield ax
    pyplot.close(figure)


def test_an_angle_over_time_with_its_repetitions(squats, ax):
    tracks, truth = squats
    angles = posekit.angles(tracks)
    figure, same = posekit.plot_angle(angles, "left_knee", repetitions=posekit.repetitions(tracks, "squat"), ax=ax)
    assert (figure, same) == (ax.figure, ax)
    curve = ax.lines[0].get_ydata()
    assert np.argmin(curve[:80]) == pytest.approx(truth["repetitions"]["frames"][0], abs=3)
    assert [text.get_text() for text in ax.texts] == ["1", "2", "3", "4"]
    assert ax.get_ylabel() == "left knee (°)"
    with pytest.raises(posekit.PosekitError, match="did you mean 'left_knee'"):
        posekit.plot_angle(angles, "left_kne", ax=ax)
    for wrong, marks in ((None, None), (tracks, None), (angles, angles)):
        with pytest.raises(posekit.PosekitError, match=r"expected a table of posekit\.(angles|repetitions)"):
            posekit.plot_angle(wrong, "left_knee", repetitions=marks, ax=ax)


def test_a_strip_shows_the_skeleton_at_each_moment(squats, ax):
    posekit.plot_strip(squats[0], count=5, ax=ax)
    assert [text.get_text() for text in ax.texts] == ["0.0 s", "1.9 s", "3.8 s", "5.7 s", "7.6 s"]
    assert len(ax.lines) == 5 * 18
    assert ax.yaxis_inverted()
    with pytest.raises(posekit.PosekitError, match="a count of moments, 1 or more; got 0"):
        posekit.plot_strip(squats[0], count=0, ax=ax)
    with pytest.raises(posekit.PosekitError, match=r"no keypoint of this person has a score of 0\.3 or more"):
        posekit.plot_strip(squats[0].assign(score=0.1), ax=ax)


@pytest.mark.filterwarnings("error")
def test_a_strip_leaves_out_moments_without_any_point(squats, ax):
    tracks, _ = squats
    posekit.plot_strip(tracks.assign(score=tracks["score"].where(tracks["frame"] >= 30, 0.1)), count=2, ax=ax)
    assert [text.get_text() for text in ax.texts] == ["1.0 s", "7.6 s"]


def test_a_trajectory_is_the_path_of_the_keypoint(squats, ax):
    tracks, truth = squats
    posekit.plot_trajectory(tracks, "nose", ax=ax)
    assert np.asarray(ax.collections[0].get_offsets()) == pytest.approx(np.array(truth["xy"])[:, 0], abs=1e-3)
    with pytest.raises(posekit.PosekitError, match="nobody has the id 7; there are: 1"):
        posekit.plot_trajectory(tracks, "nose", person=7, ax=ax)
    with pytest.raises(posekit.PosekitError, match="nobody is in this table"):
        posekit.plot_strip(tracks[:0], ax=ax)
