import numpy as np
import pandas as pd
import pytest

import posekit
from posekit.motion.tracks import people, read_tracks


def test_what_is_not_a_table_of_tracks_is_explained(squats):
    tracks, _ = squats
    with pytest.raises(posekit.PosekitError, match=r"it lacks score \(it has: frame, time, id, person, keypoint, x, y\)"):
        read_tracks(tracks.drop(columns="score"))
    with pytest.raises(posekit.PosekitError, match="list"):
        read_tracks([])
    with pytest.raises(posekit.PosekitError, match="the table has tail, too"):
        read_tracks(tracks.assign(keypoint="tail"))
    with pytest.raises(posekit.PosekitError, match="no number"):
        read_tracks(tracks.assign(time="soon"))
    with pytest.raises(posekit.PosekitError, match="run backwards"):
        read_tracks(tracks.assign(time=-tracks["time"]))


def test_times_that_do_not_increase_and_duplicate_points_are_explained(squats):
    tracks, _ = squats
    for wrong, match in (
        ({"time": tracks["time"].where(tracks["frame"] != 5)}, "needs a time in seconds; in frame 5 it is nan"),
        ({"time": 0.0}, "stand still: 0 s in frame 0, 0 s in frame 1"),
        ({"time": pd.to_timedelta(tracks["time"], unit="s")}, "dates or durations"),
        ({"frame": tracks["frame"] + 0.5}, r"whole numbers in the column frame .* has 0\.5, too"),
        ({"id": np.nan}, "whole numbers in the column id .* has nan, too"),
        ({"keypoint": None}, "the table has None, too"),
    ):
        for use in (posekit.angles, lambda table: posekit.repetitions(table, "squat")):
            with pytest.raises(posekit.PosekitError, match=match):
                use(tracks.assign(**wrong))
    with pytest.raises(posekit.PosekitError, match="the nose of id 1 is in frame 0 twice"):
        read_tracks(pd.concat([tracks, tracks]))
    for threshold in ("0.3", None, 2):
        with pytest.raises(posekit.PosekitError, match="a threshold for scores, from 0 to 1; got"):
            posekit.angles(tracks, threshold=threshold)


def test_rows_may_come_in_any_order_and_some_may_be_missing(squats):
    tracks, truth = squats
    shuffled = tracks.sample(frac=1, random_state=3)
    poses = read_tracks(shuffled[shuffled["keypoint"].astype(str) != "nose"])
    assert poses.xy[:, 1:] == pytest.approx(np.array(truth["xy"])[:, 1:], abs=1e-3)
    assert np.isnan(poses.xy[:, 0]).all()
    assert np.isnan(poses.above(0.5)[:, 0]).all()


def test_people_are_told_apart(squats):
    tracks, _ = squats
    both = people(pd.concat([tracks, tracks[tracks["frame"] < 9].assign(id=4)]))
    assert {person: len(track) for person, track in both.items()} == {1: 228, 4: 9}


def test_x_of_pixels_that_are_not_square_is_stretched_as_in_a_player(squats):
    tracks, _ = squats
    squeezed = tracks.assign(x=tracks["x"] / 1.5)
    squeezed.attrs["pixel_aspect"] = 1.5
    assert read_tracks(squeezed).xy == pytest.approx(read_tracks(tracks).xy)
    assert posekit.angles(squeezed).to_numpy() == pytest.approx(posekit.angles(tracks).to_numpy(), abs=1e-3, nan_ok=True)
    assert len(posekit.repetitions(squeezed, "squat")) == len(posekit.repetitions(tracks, "squat"))
