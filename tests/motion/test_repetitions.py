import json

import numpy as np
import pandas as pd
import pytest
from motion_clips import tracks_of, true_tracks

import posekit
from posekit.motion.tracks import read_tracks
from posekit.pose import KEYPOINTS, Poses, tracks_to_pandas


@pytest.mark.parametrize(("name", "exercise"), [("squats", "squat"), ("jumping_jacks", "jumping_jack")])
def test_the_rendered_clips_are_counted_exactly_and_their_extremes_found(name, exercise):
    tracks, truth = true_tracks(name)
    found = posekit.repetitions(tracks, exercise)
    assert len(found) == truth["repetitions"]["count"]
    assert found["extreme"].to_numpy() == pytest.approx(np.array(truth["repetitions"]["frames"]) / 30, abs=0.1)
    assert (found["start"] < found["extreme"]).all()
    assert (found["extreme"] < found["end"]).all()
    assert found["number"].tolist() == list(range(1, len(found) + 1))


WORKOUTS = ["push_ups", "sit_ups", "lunges", "curls", "half_squats", "slow_squats", "fast_squats", "paused_squats"]


@pytest.mark.slow
@pytest.mark.parametrize("name", WORKOUTS)
def test_workouts_are_counted_exactly_by_thunder(name, tracked):
    """Half, slow, fast, paused and alternating; three views, four bodies."""
    clip = posekit.ground_truth(name)
    truth = clip["people"][0]["repetitions"]
    found = posekit.repetitions(tracked(name), truth["exercise"])
    assert len(found) == truth["count"]
    assert len(posekit.repetitions(tracked(name), truth["exercise"], partial=True)) == len(truth.get("half", []))
    assert found["side"].tolist() == truth.get("sides", ["both"] * truth["count"])
    middles = np.array(truth["frames"]) / clip["fps"]
    assert ((found["start"] < middles) & (middles < found["end"])).all()


@pytest.mark.slow
@pytest.mark.parametrize("exercise", posekit.EXERCISES)
def test_holding_a_posture_is_no_repetition(exercise, tracked):
    assert len(posekit.repetitions(tracked("tree"), exercise)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("exercise", posekit.EXERCISES)
def test_walking_is_no_exercise(exercise):
    for name, person in (("walk", 0), ("two_people", 0), ("two_people", 1)):
        assert len(posekit.repetitions(true_tracks(name, person)[0], exercise)) == 0


def test_neither_size_nor_place_nor_speed_nor_a_mirror_matters(squats):
    tracks, truth = squats
    xy = np.array(truth["xy"])
    flipped = [KEYPOINTS.index(n.replace("left", "R").replace("right", "left").replace("R", "right")) for n in KEYPOINTS]
    for changed in (xy * 3 + 500, xy / 10, (xy * [-1, 1])[:, flipped]):
        assert len(posekit.repetitions(tracks_of(changed), "squat")) == 4
    for fps in (12.0, 45.0):
        assert len(posekit.repetitions(tracks_of(xy, fps), "squat")) == 4
    assert len(posekit.repetitions(tracks[tracks["frame"] % 6 == 0], "squat")) == 4


def test_people_are_counted_by_id(squats):
    tracks, _ = squats
    other = tracks.assign(id=2, x=tracks["x"] + 300)[tracks["frame"] > 110]
    both = pd.concat([tracks, other]).sort_values(["frame", "id"], kind="stable")
    found = posekit.repetitions(both, "squat")
    assert found.groupby("id").size().to_dict() == {1: 4, 2: 2}
    assert found.groupby("id")["number"].max().to_dict() == {1: 4, 2: 2}


def test_the_counter_live_says_the_same_as_the_table(squats):
    tracks, _ = squats
    poses = read_tracks(tracks)
    counter, counts = posekit.RepetitionCounter("squat"), []
    for i in range(len(poses)):
        xy, score = poses.xy[i : i + 1].astype(np.float32), poses.score[i : i + 1].astype(np.float32)
        frame = Poses(xy, score, np.zeros((1, 4), np.float32), np.ones(1, np.float32), (640, 480), poses.id[i : i + 1])
        counts.append(counter(frame, float(poses.time[i])))
    assert counts == sorted(counts)
    assert counts[-1] == 4
    pd.testing.assert_frame_equal(counter.to_pandas(), posekit.repetitions(tracks, "squat"))
    assert counter.phase == "rest"
    assert counter.depth == pytest.approx(0, abs=0.2)
    counter.reset()
    assert counter(frame, 0.0) == 0


def test_who_is_seen_from_the_waist_up_is_told_what_is_missing(squats):
    tracks, _ = squats
    legs = tracks["keypoint"].astype(str).str.contains("knee|ankle")
    with pytest.warns(UserWarning, match="a squat needs hip, knee, ankle; hardly ever in sight: knee, ankle"):
        found = posekit.repetitions(tracks.assign(score=tracks["score"].where(~legs, 0.1)), "squat")
    assert len(found) == 0


def test_nothing_to_count_is_an_empty_table(squats):
    tracks, _ = squats
    for few in (tracks[:0], tracks[:17]):
        found = posekit.repetitions(few, "push_up")
        assert list(found.columns) == ["id", "number", "side", "start", "extreme", "end", "depth"]
        assert len(found) == 0


def test_the_counter_refuses_people_without_ids_and_time_that_runs_backwards():
    poses = Poses.concat([Poses.empty((9, 9))], (9, 9))
    counter = posekit.RepetitionCounter("squat")
    counter(poses, 1.0)
    with pytest.raises(posekit.PosekitError, match="in order"):
        counter(poses, 1.0)
    two = Poses(
        np.zeros((2, 17, 2), np.float32),
        np.zeros((2, 17), np.float32),
        np.zeros((2, 4), np.float32),
        np.ones(2, np.float32),
        (9, 9),
    )
    with pytest.raises(posekit.PosekitError, match="2 people without ids"):
        counter(two, 2.0)
    for time in ("2.0", None, float("nan"), float("inf")):
        with pytest.raises(posekit.PosekitError, match="the time of the frame in seconds; got"):
            counter(poses, time)
    for wrong in (None, two[0], np.zeros((1, 17, 2))):
        with pytest.raises(posekit.PosekitError, match="expected the poses of one frame"):
            counter(wrong, 2.0)
    with pytest.raises(posekit.PosekitError, match="a threshold for scores"):
        posekit.RepetitionCounter("squat", threshold="0.3")


def test_what_was_never_seen_does_not_matter(squats):
    tracks, _ = squats
    holes = tracks.assign(x=tracks["x"].where(tracks["frame"] % 7 > 0), y=tracks["y"].where(tracks["frame"] % 7 > 0))
    assert len(posekit.repetitions(holes, "squat")) == 4


def eight_a_second(video):
    """Frames that are an eighth of a second apart, or a little more: Thunder takes long, and the counts are those of all frames."""
    due = 0.0
    for time, frame in video.timed():
        if time >= due:
            due = time + 1 / 8
            yield time, frame


@pytest.mark.slow
def test_real_clips_are_counted_as_a_person_does(shared):
    folder = shared / "exercises"
    names = {"squat": "squat", "push-up": "push_up", "jumping jack": "jumping_jack", "biceps curl (both arms)": "curl"}
    model = posekit.load_model("thunder")
    for clip, truth in json.loads((folder / "truth.json").read_text()).items():
        tracker, frames = posekit.Tracker(model), eight_a_second(posekit.read_video(folder / clip))
        times, poses = zip(*((time, tracker(frame, time)) for time, frame in frames), strict=True)
        tracks = tracks_to_pandas(times, poses)
        for exercise in [names[truth["exercise"]]] if truth["reps"] else posekit.EXERCISES:
            assert len(posekit.repetitions(tracks, exercise)) in truth["accept"], (clip, exercise)
