import dataclasses
import pickle

import numpy as np
import pytest

import posekit
from posekit import Poses, Tracker
from posekit.pose import INDEX, oks
from posekit.track.tracker import torso_color


def follow(model, name, smooth=True, every=1):
    tracker = Tracker(model, smooth=smooth)
    frames = list(posekit.read_video(posekit.sample(name)).timed())[::every]
    return [tracker(frame, time) for time, frame in frames]


def errors(tracked, name, every=1):
    (body,) = posekit.ground_truth(name)["people"]
    xy, visible = np.array(body["xy"])[::every], np.array(body["visible"], bool)[::every]
    return np.concatenate(
        [np.hypot(*(poses.xy[0] - truth).T)[seen] for poses, truth, seen in zip(tracked, xy, visible, strict=True)]
    )


@pytest.mark.slow
@pytest.mark.parametrize(("model", "limit"), [("lightning", 5), ("thunder", 4)])
@pytest.mark.parametrize("clip", ["squats", "jumping_jacks", "walk"])
def test_one_person_is_followed_closely_under_one_id(model, limit, clip, request):
    tracked = follow(request.getfixturevalue(model), clip, every=2)
    assert {tuple(poses.id) for poses in tracked} == {(1,)}
    found = errors(tracked, clip, every=2)
    assert found.mean() <= limit
    assert found.max() < 60


@pytest.mark.slow
def test_smoothing_calms_and_hardly_lags(lightning):
    raw, smooth = (np.array([poses.xy[0] for poses in follow(lightning, "squats", smooth=how)]) for how in (False, True))
    still = slice(3, 35)  # she stands still for 1.2 s
    jitter = [np.hypot(*np.moveaxis(np.diff(xy[still], axis=0), -1, 0)).mean() for xy in (raw, smooth)]
    assert jitter[1] <= 0.4 * jitter[0]
    wrist, moved = INDEX["left_wrist"], slice(40, 220)
    shift = [np.abs(smooth[40 + lag : 220 + lag, wrist] - raw[moved, wrist]).mean() for lag in range(4)]
    assert np.argmin(shift) <= 1, "frames that the smoothed wrist comes later"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "every"), [("multipose", 1), ("crowd", 2)])
def test_two_people_who_cross_keep_their_ids(name, every):
    bodies = [np.array(body["xy"])[::every] for body in posekit.ground_truth("two_people")["people"]]
    tracked = follow(posekit.load_model(name), "two_people", every=every)
    seen = [[], []]
    for number, poses in enumerate(tracked):
        for person, body in enumerate(bodies):
            away = np.hypot(*np.moveaxis(poses.xy - body[number], -1, 0)).mean(axis=1)
            apart = abs(bodies[0][number, :, 0].mean() - bodies[1][number, :, 0].mean())
            if apart > 60 and away.min() < 20:
                seen[person].append(int(poses.id[away.argmin()]))
    assert [set(ids) for ids in seen] in ([{1}, {2}], [{2}, {1}])
    assert all(len(ids) > 0.7 * len(tracked) * 0.7 for ids in seen)


class Script:
    """A stand-in for a model, since no real clip has exactly these events: it answers with one prepared `Poses` after another."""

    def __init__(self, *answers, max_people=6):
        self.answers, self.max_people, self.looks = iter(answers), max_people, []

    def __call__(self, image):
        self.looks.append("whole")
        return next(self.answers)

    def look(self, image, region=None):
        self.looks.append(region)
        return next(self.answers)


def people(waving, *shifts):
    moved = [dataclasses.replace(waving, xy=waving.xy + shift, box=waving.box + np.tile(shift, 2)) for shift in shifts]
    return Poses.concat(moved, waving.size)


NOBODY = Poses.empty((640, 480))
GRAY = np.full((480, 640, 3), 128, np.uint8)


def ids(answers, times=None, frame=GRAY):
    tracker = Tracker(Script(*answers), smooth=False)
    return [tracker(frame, t).id.tolist() for t in (times or [i / 30 for i in range(len(answers))])]


def test_ids_follow_the_people_and_not_their_order(waving):
    a, b = np.float32((-150, 0)), np.float32((150, 0))
    assert ids([people(waving, a, b), people(waving, b + 3, a + 3), people(waving, a + 6)]) == [[1, 2], [2, 1], [1]]


def test_an_id_survives_a_second_unseen_and_not_more(waving):
    here = people(waving, np.float32((0, 0)))
    assert ids([here, NOBODY, here], times=[0, 0.5, 0.95]) == [[1], [], [1]]
    assert ids([here, NOBODY, here], times=[0, 0.5, 1.1]) == [[1], [], [2]]


def test_somebody_who_moves_on_while_hidden_is_known_again(waving):
    at = [people(waving, np.float32((240 * t - 150, 0))) for t in np.arange(0, 1.4, 0.05)]
    answers = [poses if not 10 <= i < 22 else NOBODY for i, poses in enumerate(at)]
    found = ids(answers, times=[0.05 * i for i in range(len(at))])
    assert {tuple(each) for each in found if each} == {(1,)}, "0.6 s behind something, 144 px on"


def test_a_cut_in_the_film_gives_a_new_id_and_no_smear(waving):
    before, after = people(waving, np.float32((-180, 0))), people(waving, np.float32((180, 0)))
    tracker = Tracker(Script(before, before, after))
    for time in (0, 1 / 30):
        tracker(GRAY, time)
    poses = tracker(GRAY, 2 / 30)
    assert poses.id.tolist() == [2]
    np.testing.assert_allclose(poses.xy, after.xy, rtol=1e-6)


def test_a_cut_to_somebody_in_the_same_place_is_not_smeared(waving):
    """Arms up, then down, in the same place: the id may stay, but no frame may show a pose in between."""
    squat = waving.xy.copy()
    squat[:, :11] += (30, 60)
    squat[:, 13:] -= (50, 40)
    after = dataclasses.replace(waving, xy=squat)
    tracker = Tracker(Script(*[waving] * 5, after))
    poses = [tracker(GRAY, t / 30) for t in range(6)]
    np.testing.assert_allclose(poses[-1].xy, after.xy, rtol=1e-6)


def test_shirts_tell_apart_two_people_who_come_out_of_one_place(waving):
    """Both walk into one place and out again on the same side: only the colour says who is who."""
    red, blue = (200, 30, 30), (30, 30, 200)

    def frame(left, right):
        picture = np.full((480, 640, 3), 128, np.uint8)
        picture[:, :320], picture[:, 320:] = left, right
        return picture

    wide, near = (people(waving, np.float32((-x, 0)), np.float32((x, 0))) for x in (60, 55))
    tracker = Tracker(Script(wide, near))
    assert tracker(frame(red, blue), 0.0).id.tolist() == [1, 2]
    assert tracker(frame(blue, red), 0.4).id.tolist() == [2, 1]


def test_frames_of_another_size_start_anew(waving):
    here = people(waving, np.float32((0, 0)))
    small = dataclasses.replace(here, size=(320, 240))
    tracker = Tracker(Script(here, small))
    assert tracker(GRAY, 0).id.tolist() == [1]
    assert tracker(GRAY[:240, :320], 0.1).id.tolist() == [2]


def test_a_lost_person_is_looked_for_in_the_whole_frame(lightning, person):
    tracker = Tracker(lightning)
    empty = np.full_like(person, 200)
    assert len(tracker(person, 0.0)) == 1
    assert len(tracker(empty, 0.1)) == 0
    moved = np.full_like(person, 200)
    moved[:, 160:] = person[:, :-160]
    assert len(tracker(moved, 0.2)) == 1


def test_a_portrait_without_hips_is_followed_too(lightning):
    portrait = posekit.read_image(posekit.sample("astronaut"))[:330]
    tracker = Tracker(lightning)
    assert [tracker(portrait, t / 30).id.tolist() for t in range(4)] == [[1]] * 4


def test_time_must_not_run_backwards_until_reset(lightning, person):
    tracker = Tracker(lightning)
    tracker(person, 1.0)
    for time in (1.0, 0.5, float("nan")):
        with pytest.raises(posekit.PosekitError, match="must come in order"):
            tracker(person, time)
    tracker.reset()
    assert tracker(person, 0.0).id.tolist() == [1]


def test_without_times_the_clock_is_used(lightning, person):
    tracker = Tracker(lightning)
    assert [tracker(person).id.tolist() for _ in range(3)] == [[1]] * 3


def test_a_frame_that_is_not_a_picture_is_refused(lightning):
    with pytest.raises(posekit.ImageError, match="float64"):
        Tracker(lightning)(np.zeros((48, 64, 3)), 0.0)


@pytest.mark.slow
def test_people_who_enter_one_by_one_get_one_id_a_visit_and_an_empty_room_none(shared, multipose):
    tracker = Tracker(multipose)
    video = posekit.read_video(shared / "videos" / "people_entering.mp4")
    seen = [tracker(frame, time).id.tolist() for time, frame in video.timed()]
    # From a head at the lower border to the last step out on the right, read off the frames by eye.
    visits = [63, 194], [229, 445], [505, 695], [747, 865], [926, 1195], [1237, 1358]
    inside = np.zeros(len(seen), bool)
    for number, (first, last) in enumerate(visits, 1):
        inside[first - 3 : last + 4] = True
        assert {i for each in seen[first:last] for i in each} == {number}
    assert not any(each for each, busy in zip(seen, inside, strict=True) if not busy)


def test_somebody_who_has_left_the_frame_is_looked_for_in_the_whole_of_it(waving):
    """A model puts joints outside the picture, too: here all of them, so that no crop around them shows anything."""
    away = people(waving, np.float32((900, 0)))
    model = Script(away, away, max_people=1)
    tracker = Tracker(model)
    assert [tracker(GRAY, time).id.tolist() for time in (0.0, 0.1)] == [[1], [1]]
    assert model.looks == ["whole", posekit.Region.whole((640, 480))]


def test_with_a_real_model_too(lightning, person, waving):
    tracker = Tracker(lightning)
    tracker.follow(people(waving, np.float32((900, 0))), [torso_color(person, waving.xy[0])], 0.0)
    assert len(tracker(person, 0.1)) == 1


@pytest.mark.parametrize(("score", "looks"), [(0.36, 2), (0.34, 3)])
def test_a_low_mean_score_in_the_crop_asks_for_a_look_at_the_whole(waving, score, looks):
    unsure = dataclasses.replace(waving, confidence=[score])
    model = Script(waving, unsure, waving, max_people=1)
    tracker = Tracker(model)
    tracker(GRAY, 0.0)
    tracker(GRAY, 0.1)
    assert len(model.looks) == looks


def moved_to(waving, similarity, tolerance=1.0):
    """The same person moved to the right until the mean OKS is `similarity`, by bisection."""
    low, high = 0.0, 600.0
    for _ in range(40):
        shift = (low + high) / 2
        far = oks(waving.xy, waving.xy + np.float32((shift, 0)), waving.box, tolerance).mean() < similarity
        low, high = (low, shift) if far else (shift, high)
    return people(waving, np.float32((shift, 0)))


@pytest.mark.parametrize(("similarity", "looks"), [(0.57, 2), (0.53, 3)])
def test_a_pose_in_the_crop_that_is_too_different_is_a_cut(waving, similarity, looks):
    model = Script(waving, moved_to(waving, similarity), waving, max_people=1)
    tracker = Tracker(model)
    tracker(GRAY, 0.0)
    tracker(GRAY, 0.1)
    assert len(model.looks) == looks


def second_id(first, second, colors=((0, 0, 0), (0, 0, 0)), pause=0.4):
    """The id of the person in a second frame, 1 where it is taken for the one in the first; after 0.4 s boxes no longer count."""
    tracker = Tracker(Script(), smooth=False)
    for poses, color, time in zip((first, second), colors, (0.0, pause), strict=True):
        found = tracker.follow(poses, [np.float32(color)], time)
    return found.id.tolist()[0]


@pytest.mark.parametrize(("similarity", "number"), [(0.22, 1), (0.18, 2)])
def test_a_pose_that_is_similar_enough_is_the_same_person(waving, similarity, number):
    """The tolerance is 1 + 4 × 0.4 s."""
    assert second_id(waving, moved_to(waving, similarity, tolerance=2.6)) == number


@pytest.mark.parametrize(("clear", "score", "number"), [(4, 0.31, 1), (3, 0.31, 2), (17, 0.29, 2)])
def test_four_keypoints_over_a_score_of_0_3_are_enough(waving, clear, score, number):
    scores = np.full((1, 17), 0.1)
    scores[:, :clear] = score
    assert second_id(waving, dataclasses.replace(waving, score=scores)) == number


@pytest.mark.parametrize(("difference", "number"), [(30, 1), (33.5, 2)])
def test_torsos_of_another_colour_are_other_people(waving, difference, number):
    """exp(−(30 / 25)²) = 0.24, exp(−(33.5 / 25)²) = 0.17; the limit is 0.2."""
    assert second_id(waving, waving, colors=((0, 0, 0), (0, difference, 0))) == number


@pytest.mark.parametrize(("last", "number"), [(32.5, 1), (-28.9, 1), (34.9, 2), (-31.1, 2)])
def test_the_colour_of_a_track_follows_slowly(waving, last, number):
    """After a frame with 20 instead of 0 it is 2, and colours up to 31.7 from it are of the same person."""
    tracker = Tracker(Script(), smooth=False)
    for i, color in enumerate((0, 20, last)):
        found = tracker.follow(waving, [np.float32((0, color, 0))], 0.4 * i)
    assert found.id.tolist() == [number]


@pytest.mark.parametrize(("overlap", "pause", "number"), [(0.17, 0.29, 1), (0.13, 0.29, 2), (0.17, 0.31, 2), (0.9, 0.31, 2)])
def test_boxes_that_overlap_within_0_3_seconds_are_one_person(waving, overlap, pause, number):
    """Where no keypoint is clear. Equal boxes, s of their width apart, have an intersection over union of (1 − s) / (1 + s)."""
    faint = dataclasses.replace(waving, score=np.full((1, 17), 0.1))
    width = waving.box[0, 2] - waving.box[0, 0]
    shift = np.float32((width * (1 - overlap) / (1 + overlap), 0))
    assert second_id(faint, people(faint, shift), pause=pause) == number


def test_the_velocity_is_that_of_the_last_fifth_of_a_second(waving):
    """She walks at 600 px a second for 0.2 s, then stands for 0.1 s: each step counts by half."""
    tracker = Tracker(Script(), smooth=False)
    color = np.zeros(3, np.float32)
    for time, x in ((0.0, 0), (0.1, 60), (0.2, 120), (0.3, 120)):
        tracker.follow(people(waving, np.float32((x, 0))), [color], time)
    (track,) = tracker._tracks
    np.testing.assert_allclose(track.velocity, (225, 0), atol=0.1)  # 300, 450, 225
    np.testing.assert_allclose(track.predicted(0.5) - waving.xy[0], np.tile((120 + 45, 0), (17, 1)), atol=0.1)


def test_the_torsos_colour_is_sampled_inside_it_and_light_counts_little(waving):
    torso = [(300, 100), (200, 100), (300, 300), (200, 300)]
    xy = np.zeros((17, 2), np.float32)
    xy[[INDEX[name] for name in ("left_shoulder", "right_shoulder", "left_hip", "right_hip")]] = torso
    frame = np.zeros((480, 640, 3), np.uint8)
    frame[128:273, 214:287] = 255  # all but 14 % at each edge
    assert torso_color(frame, xy).tolist() == pytest.approx([0.3 * 255, 128, 128], abs=0.01)  # OpenCV's Lab of white: 255, 128, 128


def test_a_tracker_can_be_pickled_in_the_middle_of_a_clip(lightning, person):
    tracker = Tracker(lightning)
    tracker(person, 0.0)
    again = pickle.loads(pickle.dumps(tracker))
    np.testing.assert_array_equal(again(person, 0.1).xy, tracker(person, 0.1).xy)
    assert again(person, 0.2).id.tolist() == [1]


def test_people_whom_others_found_are_followed_too(lightning, waving, person):
    """As the live picture does, which has no whole frames."""
    tracker = Tracker(lightning)
    shirt = torso_color(person, waving.xy[0])
    seen = [tracker.follow(waving, [shirt], time).id.tolist() for time in (0.0, 0.1, 0.2)]
    assert seen == [[1]] * 3
    assert len(tracker.follow(waving[[]], [], 0.3)) == 0
    assert tracker.follow(waving, [shirt], 0.4).id.tolist() == [1]  # back within a second
    assert tracker.follow(waving, [shirt], 5.0).id.tolist() == [2]
    with pytest.raises(posekit.PosekitError, match="must come in order"):
        tracker.follow(waving, [shirt], 4.0)


def test_a_shirts_colour_tells_people_apart(person, waving):
    red = torso_color(person, waving.xy[0])
    blue = torso_color(person[..., ::-1].copy(), waving.xy[0])
    assert np.linalg.norm(red - torso_color(person, waving.xy[0] + 2)) < 5 < 30 < np.linalg.norm(red - blue)
