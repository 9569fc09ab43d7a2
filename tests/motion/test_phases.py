import numpy as np
from motion_clips import arm_clip, tracks_of

import posekit


def test_half_a_squat_is_reported_and_not_counted(squats):
    xy = np.array(squats[1]["xy"])
    half = xy[0] + 0.55 * (xy - xy[0])
    assert len(posekit.repetitions(tracks_of(half), "squat")) == 0
    assert len(posekit.repetitions(tracks_of(half), "squat", partial=True)) == 4
    assert len(posekit.repetitions(tracks_of(xy), "squat", partial=True)) == 0


def test_feet_that_seem_to_rise_make_no_squat_and_no_lunge(squats):
    """The hips stay in place, as where somebody comes nearer and the picture ends above the feet."""
    xy = np.array(squats[1]["xy"])
    standing = np.repeat(xy[:1], len(xy), axis=0)
    sunk = xy[:, [11, 12]].mean(axis=1)[:, 1] - xy[0, [11, 12]].mean(axis=0)[1]
    standing[:, 15:17, 1] -= sunk[:, None]
    standing[:, 13, 1] -= sunk
    for exercise in ("squat", "lunge"):
        assert len(posekit.repetitions(tracks_of(standing), exercise)) == 0
        assert len(posekit.repetitions(tracks_of(standing), exercise, partial=True)) == 0


def test_a_clip_that_begins_or_ends_in_the_middle_of_a_squat_counts_whole_ones(squats):
    tracks, truth = squats
    second, last = (truth["repetitions"]["frames"][i] for i in (1, -1))
    assert len(posekit.repetitions(tracks[tracks["frame"] >= second], "squat")) == 2
    assert len(posekit.repetitions(tracks[tracks["frame"] <= last], "squat")) == 3


def test_a_short_gap_is_bridged_and_a_long_one_ends_the_repetition(squats):
    tracks, truth = squats
    first = truth["repetitions"]["frames"][0]
    for frames, count in ((10, 4), (35, 3)):
        hidden = (tracks["frame"] - first).abs() <= frames / 2
        assert len(posekit.repetitions(tracks[~hidden], "squat")) == count, frames


def test_alternating_curls_are_counted_by_side_and_simultaneous_ones_as_both():
    lift = 70 - 70 * np.cos(np.arange(240) / 60 * 2 * np.pi)  # a curl every two seconds
    still = np.zeros(240)
    left, right = np.where(np.arange(240) % 120 < 60, lift, 0), np.where(np.arange(240) % 120 >= 60, lift, 0)
    assert posekit.repetitions(arm_clip(left, right), "curl")["side"].tolist() == ["left", "right", "left", "right"]
    assert posekit.repetitions(arm_clip(lift, lift), "curl")["side"].tolist() == ["both"] * 4
    assert posekit.repetitions(arm_clip(still, lift), "curl")["side"].tolist() == ["right"] * 4
