import cmath

import numpy as np
import pandas as pd
import pytest
from motion_clips import tracks_of, true_tracks

import posekit
from posekit.motion.angles import NAMES, bridge, smooth
from posekit.motion.tracks import read_tracks
from posekit.pose import ANGLES, INDEX, KEYPOINTS, THRESHOLD, tracks_to_pandas

TIME = np.arange(120) / 30


def _by_complex_numbers(xy, *joints):
    a, b, c = (xy[:, INDEX[joint]] for joint in joints)
    return [abs(np.degrees(cmath.phase(complex(*(p - q)) / complex(*(r - q))))) for p, q, r in zip(a, b, c, strict=True)]


def test_the_angles_of_the_true_joints_are_those_of_complex_numbers(squats):
    tracks, truth = squats
    table, xy = posekit.angles(tracks), np.array(truth["xy"])
    assert list(table.columns) == ["frame", "time", "id", *NAMES]
    for joint in (
        ("shoulder", "elbow", "wrist"),
        ("hip", "shoulder", "elbow"),
        ("shoulder", "hip", "knee"),
        ("hip", "knee", "ankle"),
    ):
        for side in ("left", "right"):
            expected = _by_complex_numbers(xy, *(f"{side}_{part}" for part in joint))
            assert table[f"{side}_{joint[1]}"].to_numpy() == pytest.approx(expected, abs=1e-3)


def test_seen_across_the_line_of_sight_an_angle_is_the_one_in_space():
    tracks, truth = true_tracks("jumping_jacks")
    seen = posekit.angles(tracks)["left_shoulder"].to_numpy()
    assert np.abs(seen - truth["angles"]["left_shoulder"]).mean() < 6


def test_the_trunk_leans_from_the_vertical(squats):
    xy = np.array(squats[1]["xy"][:1])
    turned = []
    for degrees in (0, 30, 90, 150, 180):
        way = np.exp(1j * np.radians(degrees))
        z = (xy[..., 0] + 1j * xy[..., 1]) * way
        turned.append(np.stack([z.real, z.imag], axis=-1)[0])
    leans = posekit.angles(tracks_of(np.array(turned)))["trunk_lean"].to_numpy()
    upright = leans[0]
    assert upright < 3
    assert leans == pytest.approx([0, 30, 90, 150, 180], abs=upright + 0.01)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["squats", "jumping_jacks"])
def test_thunder_measures_knees_and_elbows_that_are_in_sight_as_they_are(name):
    tracker, video = posekit.Tracker(posekit.load_model("thunder")), posekit.read_video(posekit.sample(name))
    times, poses = zip(*((time, tracker(frame, time)) for time, frame in video.timed()), strict=True)
    true, truth = true_tracks(name)
    found, expected, visible = posekit.angles(tracks_to_pandas(times, poses)), posekit.angles(true), np.array(truth["visible"])
    errors = [
        np.abs(found[joint] - expected[joint])[visible[:, list(ANGLES[joint])].all(axis=1)].mean()
        for joint in ("left_knee", "right_knee", "left_elbow", "right_elbow")
    ]
    assert max(errors) < 6, errors


def test_a_missing_point_is_a_missing_angle(squats):
    tracks, _ = squats
    hidden = (tracks["keypoint"] == "left_knee") & tracks["frame"].between(10, 19)
    table = posekit.angles(tracks.assign(score=tracks["score"].where(~hidden, 0.2)))
    assert table["left_knee"].isna().sum() == table["left_hip"].isna().sum() == 10
    assert table["right_knee"].notna().all()
    assert posekit.angles(tracks.assign(score=0.2), threshold=0.1).notna().all(axis=None)


def test_gaps_are_bridged_up_to_a_length_and_never_longer():
    line = np.stack([TIME, 90 - TIME], axis=1)
    holes = line.copy()
    holes[[0, 119]] = np.nan
    holes[20:25, 0] = holes[50:56, 0] = np.nan  # 0.2 and 0.2333 s from one known value to the next
    filled = bridge(TIME, holes, 0.2)
    assert filled[20:25] == pytest.approx(line[20:25])
    assert np.isnan(filled[50:56, 0]).all()
    assert np.isnan(filled[[0, 119]]).all()
    assert bridge(TIME, np.full((120, 1), np.nan), 9.0) == pytest.approx(np.nan, nan_ok=True)


def _lag(smoothed, signal):
    """How many seconds the smoothed signal lags, by cross-correlation."""
    middle = slice(30, 90)
    lags = np.arange(-10, 11)
    return lags[np.argmax([smoothed[middle] @ np.roll(signal, lag)[middle] for lag in lags])] / 30


def test_smoothing_takes_the_noise_away_and_lags_only_where_it_must():
    slow = 30 * np.sin(2 * np.pi * TIME)
    noisy = slow + np.random.default_rng(0).normal(0, 5, 120)
    offline, live = (smooth(TIME, noisy[:, None], 3.0, causal=causal)[:, 0] for causal in (False, True))
    assert np.abs(offline - slow).mean() < 0.5 * np.abs(noisy - slow).mean()
    assert _lag(offline, slow) == 0
    assert 0.03 <= _lag(live, slow) <= 0.2


def test_the_causal_filter_knows_nothing_of_what_comes():
    values = np.random.default_rng(0).normal(0, 5, (120, 1))
    assert smooth(TIME[:60], values[:60], 3.0, causal=True) == pytest.approx(smooth(TIME, values, 3.0, causal=True)[:60])


def test_smoothing_stops_at_gaps_and_leaves_slow_clips_alone():
    step = np.where(np.arange(120) < 60, 0.0, 100.0)[:, None]
    step[58:62] = np.nan
    smoothed = smooth(TIME, step, 3.0)
    assert np.isnan(smoothed[58:62]).all()
    assert smoothed[:58] == pytest.approx(0, abs=1e-9)
    assert smoothed[62:] == pytest.approx(100)
    coarse = np.arange(5.0)
    assert (smooth(coarse, coarse[:, None] ** 2, 6.0)[:, 0] == coarse**2).all()
    with pytest.raises(posekit.PosekitError, match="6 is usual"):
        smooth(TIME, step, -1.0)


def test_the_velocity_of_an_arm_that_turns_evenly_is_that_of_the_clock(squats):
    xy = np.repeat(np.array(squats[1]["xy"][:1]), 30, axis=0)
    turn = np.radians(20 + 2 * np.arange(30))  # 60 degrees a second
    elbow, shoulder = xy[:, INDEX["left_elbow"]], xy[:, INDEX["left_shoulder"]]
    up = (shoulder - elbow) / np.linalg.norm(shoulder - elbow, axis=1, keepdims=True)
    across = up[:, ::-1] * [1, -1]
    xy[:, INDEX["left_wrist"]] = elbow + 50 * (np.cos(turn)[:, None] * up + np.sin(turn)[:, None] * across)
    velocity = posekit.angular_velocity(posekit.angles(tracks_of(xy)))
    assert velocity["left_elbow"].to_numpy() == pytest.approx(60, abs=0.1)
    assert velocity["right_elbow"].to_numpy() == pytest.approx(0, abs=0.1)


def test_symmetry_is_zero_for_two_equal_sides_and_tells_which_one_moves_more(squats):
    table = posekit.angles(true_tracks("jumping_jacks")[0]).assign(right_shoulder=lambda t: t["left_shoulder"])
    result = posekit.symmetry(table.assign(right_elbow=90.0)).set_index("joint")
    assert result.loc["shoulder", "index"] == 0
    assert result.loc["elbow", "index"] == pytest.approx(200)
    assert result.loc["shoulder", "left"] > 100


def test_people_are_measured_apart(squats):
    tracks, _ = squats
    both = pd.concat([tracks, tracks.assign(id=2, x=500 - tracks["x"])])
    table = posekit.angles(both, cutoff=6.0, max_gap=0.2)
    assert len(table) == 2 * 228
    one, two = (table[table["id"] == person].reset_index(drop=True) for person in (1, 2))
    assert one["left_knee"].to_numpy() == pytest.approx(two["left_knee"].to_numpy())


def test_nobody_one_frame_and_other_tables(squats):
    tracks, _ = squats
    assert list(posekit.angles(tracks[:0]).columns) == ["frame", "time", "id", *NAMES]
    assert len(posekit.angles(tracks[:17], cutoff=6.0, max_gap=1.0)) == 1
    assert posekit.angular_velocity(posekit.angles(tracks[:17]))["left_knee"].isna().all()
    assert len(posekit.symmetry(posekit.angles(tracks[:0]))) == 0
    with pytest.raises(posekit.PosekitError, match="a table of tracks"):
        posekit.angles(posekit.angles(tracks))
    with pytest.raises(posekit.PosekitError, match=r"expected a table of posekit\.angles; it lacks left_elbow"):
        posekit.symmetry(tracks)
    table = posekit.angles(tracks)
    for use in (posekit.symmetry, posekit.angular_velocity):
        with pytest.raises(posekit.PosekitError, match="of angles holds something that is no number"):
            use(table.assign(left_knee="bent"))
        with pytest.raises(posekit.PosekitError, match="run backwards"):
            use(table[::-1])
    for settings in ({"max_gap": "1"}, {"max_gap": -1}, {"max_gap": np.nan}, {"cutoff": "6"}, {"cutoff": np.inf}, {"cutoff": 0}):
        with pytest.raises(posekit.PosekitError, match=r"expected (the longest gap|a cut-off frequency)"):
            posekit.angles(tracks, **settings)


def angle_of(a, b, c):
    """The degrees at b by complex numbers, which is not how posekit computes them."""
    first, second = (np.asarray(end)[..., 0] + 1j * np.asarray(end)[..., 1] for end in (a - b, c - b))
    return np.abs(np.degrees(np.angle(first / second)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lunges", "slow_squats", "curls", "half_squats", "fast_squats", "tree"])
def test_knees_and_elbows_of_thunder_are_within_6_degrees_of_the_truth(name, tracked):
    """From the front and half from the side. From the side, the far arm is hidden by the body, and its elbow is a guess."""
    found = posekit.angles(tracked(name)).set_index("frame")
    at = dict(zip(KEYPOINTS, np.moveaxis(np.array(posekit.ground_truth(name)["people"][0]["xy"]), 1, 0), strict=True))
    errors = []
    for side in ("left", "right"):
        for joint, (above, below) in {"knee": ("hip", "ankle"), "elbow": ("shoulder", "wrist")}.items():
            truth = angle_of(*(at[f"{side}_{each}"] for each in (above, joint, below)))
            errors.append(found[f"{side}_{joint}"].to_numpy() - truth[found.index])
    assert len(found) > 0.9 * len(at["nose"])
    assert np.isnan(errors).mean() < 0.05
    assert np.nanmean(np.abs(errors)) < 6


@pytest.mark.slow
def test_a_hidden_elbow_has_a_high_score_and_a_worse_angle(tracked):
    """The score does not tell that it is hidden, so `angles` cannot leave it out.

    In squats and curls towards the camera the arm itself covers the elbow; in push-ups from the side the body does.
    """
    errors, hidden, scores = [], [], []
    for name in ("fast_squats", "slow_squats", "curls", "push_ups"):
        track, truth = read_tracks(tracked(name)), posekit.ground_truth(name)["people"][0]
        xy, visible = np.array(truth["xy"])[track.frame], np.array(truth["visible"])[track.frame]
        for side in ("left", "right"):
            arm = [INDEX[f"{side}_{joint}"] for joint in ("shoulder", "elbow", "wrist")]
            found, true = (angle_of(*np.moveaxis(points[:, arm], 1, 0)) for points in (track.xy, xy))
            errors.extend(np.abs(found - true))
            hidden.extend(~visible[:, arm].all(axis=1))
            scores.extend(track.score[:, arm].min(axis=1))
    errors, hidden, scores = np.array(errors), np.array(hidden), np.array(scores)
    assert errors[~hidden].mean() < 4
    assert errors[hidden].mean() > 2 * errors[~hidden].mean()
    assert (scores[hidden] > THRESHOLD).mean() > 0.9
