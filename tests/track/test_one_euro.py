import numpy as np

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

    def test_what_stands_still_stays_exactly(self):
        smooth, point = OneEuro(), np.full((17, 2), 0.3)
        assert all((smooth(point, t) == point).all() for t in (0, 0.1, 0.5))

    def test_after_a_long_pause_the_new_value_counts(self):
        smooth = OneEuro()
        smooth(np.zeros((1, 2)), 0.0)
        assert np.abs(smooth(np.ones((1, 2)), 60.0) - 1).max() < 0.01

    def test_the_same_time_again_starts_afresh(self):
        smooth = OneEuro()
        smooth(np.zeros((1, 2)), 1.0)
        assert (smooth(np.ones((1, 2)), 1.0) == 1).all()
