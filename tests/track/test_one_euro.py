import numpy as np
import pytest

from posekit.track.one_euro import OneEuro


class TestOneEuro:
    def test_a_point_at_rest_becomes_calm(self):
        rng = np.random.default_rng(0)
        noisy = 0.5 + rng.normal(0, 0.003, (120, 17, 2))
        smooth = OneEuro()
        calm = np.array([smooth(value, i / 30) for i, value in enumerate(noisy)])
        jitter = [np.abs(np.diff(values[30:], axis=0)).mean() for values in (calm, noisy)]
        assert jitter[0] < 0.4 * jitter[1]
        assert np.abs(calm[30:] - 0.5).mean() < np.abs(noisy[30:] - 0.5).mean()

    def test_a_fast_point_lags_less_than_a_frame(self):
        swing = 0.5 + 0.3 * np.sin(2 * np.pi * np.arange(120) / 30)[:, None, None] * np.ones((1, 2))
        smooth = OneEuro()
        followed = np.array([smooth(value, i / 30) for i, value in enumerate(swing)])
        behind, frame = np.abs(followed - swing)[30:].mean(), np.abs(np.diff(swing, axis=0))[30:].mean()
        assert behind < frame

    def test_what_stands_still_stays_exactly_where_it_is(self):
        smooth, point = OneEuro(), np.full((17, 2), 0.3)
        assert all((smooth(point, t) == point).all() for t in (0, 0.1, 0.5))

    def test_after_a_long_pause_the_new_value_counts(self):
        smooth = OneEuro()
        smooth(np.zeros((1, 2)), 0.0)
        assert np.abs(smooth(np.ones((1, 2)), 60.0) - 1).max() < 0.01

    def test_a_point_at_rest_is_filtered_at_half_a_hertz(self):
        """A low-pass of 0.5 Hz has a time constant of 1/π s: then a step, here a tiny one, has come through to 1 − 1/e."""
        smooth, step = OneEuro(), 1e-9
        smooth(np.zeros((1, 2)), 0.0)
        values = [smooth(np.full((1, 2), step), i / 1000)[0, 0] / step for i in range(1, 319)]
        assert values[-1] == pytest.approx(1 - 1 / np.e, rel=0.01)

    def test_the_cutoff_rises_by_100_hertz_for_a_picture_length_a_second(self):
        """Behind a ramp a low-pass lags by its time constant times the speed: 1 / (2π × 100.5 Hz) seconds."""
        smooth = OneEuro()
        for i in range(100):
            lag = i / 10 - smooth(np.array([[i / 10, 0.0]]), i / 10)[0, 0]
        assert lag == pytest.approx(1 / (2 * np.pi * 100.5), rel=0.02)

    def test_the_speed_is_filtered_at_one_hertz(self):
        """Its cut-off has passed 1 − 1/e of its way after 1/2π s, and so has the speed in it, which makes the cut-off."""
        smooth = OneEuro(min_cutoff=1e6)
        for i in range(160):
            smooth(np.array([[i / 1000, 0.0]]), i / 1000)
        assert smooth._speed[0, 0] == pytest.approx(1 - 1 / np.e, rel=0.02)

    def test_the_same_time_again_starts_afresh(self):
        smooth = OneEuro()
        smooth(np.zeros((1, 2)), 1.0)
        assert (smooth(np.ones((1, 2)), 1.0) == 1).all()
