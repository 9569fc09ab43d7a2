import numpy as np
import pytest
from motion_clips import TRAINING, posed_tracks

import posekit
from posekit.motion import LiveMovement
from posekit.motion.tracks import read_tracks
from posekit.pose import Poses


def frames(tracks):
    """(time, poses) of each frame of a table with one person."""
    track = read_tracks(tracks)
    for xy, score, person, time in zip(track.xy, track.score, track.id, track.time, strict=True):
        person = np.array([person])
        yield time, Poses(np.float32(xy[None]), np.float32(score[None]), np.zeros((1, 4)), np.ones(1), (640, 480), person)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["half_squats", "curls", "push_ups"])
def test_live_says_what_the_table_says(what):
    exercise, pose, seconds, _ = TRAINING[what]
    tracks = posed_tracks(pose, seconds, 45)
    live = LiveMovement(exercise)
    said = [live.update(poses, time) for time, poses in frames(tracks)]
    assert said[-1]["count"] == len(posekit.repetitions(tracks, exercise))
    assert said[-1]["partial"] == len(posekit.repetitions(tracks, exercise, partial=True))
    assert {each["way"] for each in said} == {"", "down", "up"}
    assert max(each["depth"] for each in said) > 0.4


def test_squats_begin_downwards_and_curls_upwards(squats):
    ways = [LiveMovement("squat")]
    first = next(said["way"] for time, poses in frames(squats[0]) if (said := ways[0].update(poses, time))["way"])
    assert first == "down"
    assert posekit.EXERCISES["curl"].way("out") == "up"
    assert posekit.EXERCISES["curl"].way("back") == "down"


def test_joints_out_of_sight_are_named(squats):
    tracks, _ = squats
    feet = tracks["keypoint"].astype(str).str.contains("ankle")
    live = LiveMovement("squat")
    *_, said = (live.update(poses, time) for time, poses in frames(tracks.assign(score=tracks["score"].where(~feet, 0.1))))
    assert (said["missing"], said["depth"], said["count"]) == (["ankle"], None, 0)


def test_a_clip_that_begins_again_is_counted_again(squats):
    live = LiveMovement("squat")
    for _ in range(2):
        *_, said = (live.update(poses, time) for time, poses in frames(squats[0]))
    assert said["count"] == 4
    live.reset()
    assert live.counter.repetitions == []


def test_postures_are_named_and_nothing_is_reported_unasked(squats):
    poses = [each for _, each in frames(squats[0])]
    classifier = posekit.PostureClassifier().fit([poses[0][0], poses[truth_of(squats)][0]], ["stand", "squat"])
    live = LiveMovement(postures=classifier)
    assert live.update(poses[3], 0.1) == {"posture": "stand"}
    assert live.update(poses[truth_of(squats) + 1], 0.2) == {"posture": "squat"}
    assert live.update(Poses.empty((640, 480)), 0.3) == {"posture": ""}
    assert LiveMovement().update(poses[0], 0.1) == {}


def truth_of(squats):
    return squats[1]["repetitions"]["frames"][0]


def test_people_who_left_are_dropped(squats):
    counter = posekit.RepetitionCounter("squat")
    (_, poses), *_ = frames(squats[0])
    for person in range(50):
        somebody = Poses(poses.xy, poses.score, poses.box, poses.confidence, poses.size, np.array([person]))
        counter(somebody, float(person))
    assert len(counter._people) < 15
    assert counter.missing() == ()
