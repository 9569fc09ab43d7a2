"""The kernel's half of a live picture. Squares are cut and shrunk by Pillow here, as the browser does it elsewhere."""

import io
import pickle
from collections import deque

import numpy as np
import pytest
from PIL import Image

import posekit
from posekit.track.live import LiveTracker

SIZE = (640, 480)
WHOLE = [0, -80, 640]
SLOW = pytest.mark.slow


def jpeg(frame, region, side):
    """The region [x, y, length] of a frame as a browser sends it: a square JPEG."""
    x, y, length = region
    content = io.BytesIO()
    square = Image.fromarray(frame).crop((x, y, x + length, y + length)).resize((side, side), Image.Resampling.BOX)
    square.save(content, "JPEG", quality=90)
    return content.getvalue()


def play(live, frames, under_way=2, start=0.0):
    """Plays frames at 30 per second; each is cut where the answer from `under_way` frames earlier said. Yields the answers."""
    answers = deque([{"region": None, "side": live.side}] * under_way)
    for i, frame in enumerate(frames):
        last = answers.popleft()
        region = last["region"] or WHOLE
        request = {"region": region, "size": list(SIZE), "time": start + i / 30}
        poses, answer = live.handle(jpeg(frame, region, last["side"]), request)
        answers.append(answer)
        yield poses, answer


def clip(name):
    """Its frames, and where its people are: (frames, people, 17, 2)."""
    xy = np.stack([np.array(each["xy"]) for each in posekit.ground_truth(name)["people"]], axis=1)
    return posekit.read_video(posekit.sample(name)), xy


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param("squats", marks=SLOW), pytest.param("jumping_jacks", marks=SLOW), "walk"])
def test_a_person_is_followed_to_a_few_pixels(lightning, name):
    frames, truth = clip(name)
    answers = list(play(LiveTracker(lightning), frames))
    found = [i for i, (poses, _) in enumerate(answers) if len(poses)]
    assert len(found) >= 0.97 * len(answers)  # the walker comes into the picture, and goes
    assert {tuple(answers[i][1]["ids"]) for i in found} == {(1,)}
    errors = [np.linalg.norm(answers[i][0].xy[0] - truth[i, 0], axis=1).mean() for i in found]
    assert np.mean(errors) < 6


@pytest.mark.slow
@pytest.mark.parametrize(("name", "count"), [("multipose", 60), pytest.param("crowd", 20, marks=SLOW)])
def test_two_people_are_followed_with_ids_that_hold(name, count):
    frames, truth = clip("two_people")
    live = LiveTracker(posekit.load_model(name))
    owners, errors = set(), []
    for i, (poses, answer) in enumerate(play(live, list(frames)[:count])):
        assert answer["region"] is None  # these look at the whole picture
        distance = np.linalg.norm(poses.xy[:, None] - truth[i][None], axis=-1).mean(axis=-1)
        owners |= {(number, int(distance[n].argmin())) for n, number in enumerate(answer["ids"])}
        errors += distance.min(axis=1).tolist()
    assert len(owners) == len({number for number, _ in owners}) == 2
    assert np.mean(errors) < 6


@pytest.mark.slow
def test_the_answer_is_the_poses_in_plain_numbers(lightning):
    frames, _ = clip("squats")
    *_, (poses, answer) = play(LiveTracker(lightning), list(frames)[:12])
    assert np.allclose(answer["people"], np.concatenate([poses.xy, poses.score[..., None]], axis=-1), atol=0.006)
    assert np.array(answer["people"]).shape == (1, 17, 3)
    assert answer["ids"] == poses.id.tolist() == [1]
    x, y, side = answer["region"]
    assert side < 640  # near the person
    assert (poses.xy[0] > (x, y)).all()
    assert (poses.xy[0] < (x + side, y + side)).all()
    assert answer["side"] == 192


@pytest.mark.slow
def test_nobody_is_found_where_nobody_is(lightning, person):
    """Frames without anybody, each seen more than once: two looks at the same pixels always agree."""
    scenes = [
        np.full((480, 640, 3), 60, np.uint8),
        np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8),
        person[:, :60].repeat(11, axis=1)[:, :640],
    ]
    for scene in scenes:
        assert not any(len(poses) for poses, _ in play(LiveTracker(lightning), [scene] * 20))


@pytest.mark.slow
def test_photos_without_people_have_none(lightning, shared):
    files = [file for file in sorted((shared / "nobody").glob("*.jpg")) if file.stat().st_size]
    ghosts = 0
    for file in files:
        photo = np.asarray(Image.fromarray(posekit.read_image(file)).resize(SIZE))
        ghosts += any(len(poses) for poses, _ in play(LiveTracker(lightning), [photo] * 8))
    assert ghosts <= 0.05 * len(files)


@pytest.mark.slow
def test_somebody_who_leaves_is_looked_for_in_the_whole_picture(lightning):
    frames, _ = clip("squats")
    live = LiveTracker(lightning)
    list(play(live, list(frames)[:15]))
    assert live.region is not None
    empty = np.full((480, 640, 3), 200, np.uint8)
    answers = list(play(live, [empty] * 8, start=1.0))
    assert not len(answers[-1][0])
    assert any(answer["region"] is None for _, answer in answers)


@pytest.mark.slow
def test_a_new_clip_or_another_size_begins_anew(lightning):
    frames, _ = clip("squats")
    frames = list(frames)[:12]
    live = LiveTracker(lightning)
    list(play(live, frames, start=10.0))
    *_, (_, answer) = play(live, frames, start=0.0)  # time runs backwards
    assert answer["ids"] == [1]
    small = np.asarray(Image.fromarray(frames[0]).resize((320, 240)))
    poses, answer = live.handle(jpeg(small, [0, -40, 320], 192), {"region": [0, -40, 320], "size": [320, 240], "time": 20})
    assert (len(poses), poses.size) == (0, (320, 240))  # must be seen twice, again
    live.reset()
    assert live.region is None


@pytest.mark.slow
def test_smoothing_can_be_switched_off_and_on(lightning):
    frames, _ = clip("squats")
    frames = list(frames)[:40]
    live = LiveTracker(lightning, smooth=False)
    assert live.smooth is False
    rough = [poses.xy[0] for poses, _ in play(live, frames) if len(poses)]
    live = LiveTracker(lightning)
    smooth = [poses.xy[0] for poses, _ in play(live, frames) if len(poses)]
    jitter = [np.abs(np.diff(each, n=2, axis=0)).mean() for each in (rough, smooth)]
    assert jitter[1] < jitter[0]
    live.smooth = False
    assert live.smooth is False


GOOD = {"region": WHOLE, "size": [640, 480], "time": 0.0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"region": None}, "a region of 3 numbers"),
        ({"region": [0, 0]}, "a region of 3 numbers"),
        ({"region": [0, 0, "wide"]}, "a region of 3 numbers"),
        ({"region": [0, 0, 0]}, "no frame is 640×480"),
        ({"region": [0, 0, float("inf")]}, "a region of 3 numbers"),
        ({"region": [5000, 0, 100]}, "outside the frame"),
        ({"size": [0, 480]}, "no frame is 0×480"),
        ({"size": [10**9, 480]}, "no frame is 1000000000×480"),
        ({"size": [16385, 480]}, "no frame is 16385×480"),
        ({"region": [0, -16385, 640]}, "no frame is 640×480"),
        ({"time": "now"}, "and a time"),
        ({"time": float("nan")}, "at nan s"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(lightning, person, change, message):
    live = LiveTracker(lightning)
    with pytest.raises(posekit.PosekitError, match=message):
        live.handle(jpeg(person, WHOLE, 192), GOOD | change)
    with pytest.raises(posekit.PosekitError, match="a size of 2"):
        live.handle(jpeg(person, WHOLE, 192), {})
    poses, _ = live.handle(jpeg(person, WHOLE, 192), GOOD)  # it goes on
    assert poses.size == SIZE


def test_bytes_that_are_not_a_square_jpeg_are_refused(lightning, person):
    live = LiveTracker(lightning)
    png = io.BytesIO()
    Image.fromarray(person[:192, :192]).save(png, "PNG")
    whole = jpeg(person, WHOLE, 192)
    for content in (b"", b"no picture", png.getvalue(), whole[: len(whole) // 2], whole[:300]):
        with pytest.raises(posekit.ImageError, match="not a JPEG that can be read"):
            live.handle(content, GOOD)
    with pytest.raises(posekit.ImageError, match="192×192 pixels, got 256×256"):
        live.handle(jpeg(person, WHOLE, 256), GOOD)
    with pytest.raises(posekit.PosekitError, match="192×192 pixels, got 100×192"):
        live.update(person[:192, :100], posekit.Region(0, 0, 100), SIZE, 0)


def test_a_large_picture_is_refused_before_it_is_decoded(lightning, person, monkeypatch):
    """A bomb: a small file of very many pixels."""
    content = io.BytesIO()
    Image.new("RGB", (6000, 6000)).save(content, "JPEG")
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("it was decoded"))
    with pytest.raises(posekit.ImageError, match="got 6000×6000"):
        LiveTracker(lightning).handle(content.getvalue(), GOOD)


def test_a_square_that_sticks_out_keeps_its_place(multipose, person, person_xy):
    """Black bars beside the picture are not looked at, and points come back where they are."""
    assert LiveTracker(posekit.load_model("crowd")).side == 512
    live = LiveTracker(multipose)
    for region in (WHOLE, [-100, -100, 800]):
        live.reset()
        poses, _ = live.handle(jpeg(person, region, live.side), GOOD | {"region": region})
        assert np.linalg.norm(poses.xy[0] - person_xy, axis=1).mean() < 8


def test_a_square_for_another_model_is_answered_with_the_size_that_is_wanted(thunder, person):
    """Before the first answer the browser does not know it; and when the model changes, old squares are still in flight."""
    poses, answer = LiveTracker(thunder).handle(jpeg(person, WHOLE, 192), GOOD | {"side": 192})
    assert (len(poses), poses.size) == (0, SIZE)
    assert answer.pop("ms") >= 0
    assert answer == {"people": [], "ids": [], "region": None, "side": 256}


def test_a_frame_of_16384_pixels_a_side_is_not_too_large(lightning, person):
    poses, _ = LiveTracker(lightning).handle(jpeg(person, WHOLE, 192), {"region": [0, 0, 16384], "size": [16384, 16384], "time": 0})
    assert poses.size == (16384, 16384)


class Repeat:
    """A stand-in for a single-pose model: in each square it sees the same pose, with the given score."""

    max_people, live_size, name = 1, 192, "repeat"

    def __init__(self, pose, score):
        xy = 96 + (pose.xy - pose.xy.mean(axis=1)) / 4
        box = np.concatenate([xy.min(axis=1), xy.max(axis=1)], axis=1)
        self.pose = posekit.Poses(xy, np.full((1, 17), score), box, [score], (192, 192))

    def look(self, image, region=None):
        return self.pose

    def default_min_confidence(self, passes):
        return 0.1


@pytest.mark.parametrize(("score", "whole"), [(0.36, False), (0.34, True)])
def test_a_low_mean_score_in_the_crop_asks_for_the_whole_picture(waving, score, whole):
    """The crop that it asks for is the one that it gets: the pose stays where it is, and is confirmed."""
    live = LiveTracker(Repeat(waving, score))
    square = np.zeros((192, 192, 3), np.uint8)
    size, region = (192, 192), posekit.Region.whole((192, 192))
    live.update(square, region, size, 0.0)
    live.update(square, posekit.Region(0, 0, 190), size, 0.1)
    assert live._confirmed
    assert (live.region is None) == whole


@pytest.mark.slow
def test_it_can_be_pickled_in_the_middle_of_a_clip(lightning):
    frames, _ = clip("squats")
    frames = list(frames)
    live = LiveTracker(lightning)
    list(play(live, frames[:12]))
    again = pickle.loads(pickle.dumps(live))
    one, other = (list(play(each, frames[12:16], start=1.0)) for each in (live, again))
    assert [answer | {"ms": 0} for _, answer in one] == [answer | {"ms": 0} for _, answer in other]
    assert one[-1][1]["ids"] == [1]
