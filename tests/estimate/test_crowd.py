import dataclasses

import numpy as np
import pytest

import posekit
from posekit.pose import oks


@pytest.fixture(scope="module")
def crowd():
    return posekit.load_model("crowd")


def rows(person, people):
    """The rendered person several times side by side, and where their joints are."""
    body = person[:, 160:480]
    return np.concatenate([body] * people, axis=1), [(320 * i - 160, 0) for i in range(people)]


@pytest.mark.slow
def test_each_of_several_people_is_found_once_and_where_it_is(crowd, person, person_xy):
    picture, shifts = rows(person, 4)
    poses = crowd(picture)
    assert len(poses) == 4
    for shift in shifts:
        errors = [np.hypot(*(pose.xy - (person_xy + shift)).T).mean() for pose in poses]
        assert min(errors) < 6
    assert (np.diff(poses.confidence) <= 0).all(), "the surest first"


@pytest.mark.slow
def test_crowd_is_closer_to_the_truth_than_multipose_alone(crowd, multipose, person, person_xy):
    picture, shifts = rows(person, 4)
    mean = {}
    for model in (crowd, multipose):
        poses = model(picture)
        mean[model.name] = np.mean([min(np.hypot(*(xy - (person_xy + shift)).T).mean() for xy in poses.xy) for shift in shifts])
    assert mean["crowd"] < 0.7 * mean["multipose"]


@pytest.mark.slow
def test_people_who_are_small_are_found_by_the_larger_size(person, person_xy):
    import cv2

    small = cv2.resize(person, (107, 80), interpolation=cv2.INTER_AREA)
    picture = np.full((720, 1280, 3), 210, np.uint8)
    picture[300:380, 400:507] = small
    poses = posekit.load_model("crowd", input_size=512)(picture)
    assert len(poses) == 1
    assert np.hypot(*(poses.xy[0] - (person_xy / 6 + (400, 300))).T).mean() < 3


@pytest.mark.slow
@pytest.mark.parametrize("frame", [81, 82, 93])
def test_somebody_behind_somebody_is_not_dropped_as_a_duplicate(crowd, frame):
    """Near the crossing, Thunder takes Ada, who is in front, even where MultiPose has found Leo behind her."""
    import imageio.v3 as iio

    picture = iio.imread(posekit.sample("two_people"), index=frame, plugin="FFMPEG")
    poses = crowd(picture)
    assert len(poses) == 2
    for body in posekit.ground_truth("two_people")["people"]:
        away = np.hypot(*np.moveaxis(poses.xy - np.array(body["xy"][frame]), -1, 0)).mean(axis=1)
        assert away.min() < 16


@pytest.mark.parametrize("value", [0, 255])
def test_nobody_is_found_where_nobody_is(crowd, value):
    assert len(crowd(np.full((480, 640, 3), value, np.uint8))) == 0


def test_min_confidence_and_passes(crowd, person):
    assert len(crowd(person, min_confidence=1)) == 0
    assert len(crowd(person, passes=2)) == 1
    with pytest.raises(posekit.PosekitError, match="always makes 2 passes, not 1"):
        crowd(person, passes=1)
    with pytest.raises(posekit.ImageError, match="float64"):
        crowd(person / 255)


@pytest.mark.parametrize(("confidence", "people"), [(0.081, 1), (0.079, 0)])
def test_whoever_multipose_is_hardly_sure_of_gets_no_second_look(crowd, person, waving, monkeypatch, confidence, people):
    found = dataclasses.replace(waving, confidence=[confidence])
    for detector in crowd._detectors:
        monkeypatch.setattr(detector, "look", lambda image, region=None: found)
    assert len(crowd.look(person)) == people


@pytest.mark.parametrize(("shift", "people"), [(24, 1), (32, 2)])
def test_poses_with_a_mean_oks_over_0_6_are_one_person(crowd, person, waving, monkeypatch, shift, people):
    """Different detections at the two sizes, neither of which Thunder changes."""
    other = dataclasses.replace(waving, xy=waving.xy + np.float32((shift, 0)), box=waving.box + np.float32((shift, 0, shift, 0)))
    similarity = oks(waving.xy, other.xy, waving.box).mean()
    assert 0.6 < similarity < 0.75 if people == 1 else 0.4 < similarity < 0.6
    for detector, found in zip(crowd._detectors, (waving, other), strict=True):
        monkeypatch.setattr(detector, "look", lambda image, region=None, found=found: found)
    monkeypatch.setattr("posekit.estimate.crowd.refine", lambda model, image, candidate: candidate)
    assert len(crowd.look(person)) == people


def test_repr_is_for_people(crowd):
    assert repr(crowd) == "Crowd(multipose at 256 and 384, then thunder, up to 12 people)"


@pytest.mark.slow
@pytest.mark.parametrize(("confidence", "kept"), [([0.13, 0.06, 0.04], 2), ([0.12, 0.06, 0.04], 0)])
def test_where_one_person_is_certain_others_are_believed_earlier(crowd, person, monkeypatch, confidence, kept):
    poses = crowd(rows(person, 3)[0])
    monkeypatch.setattr(crowd, "look", lambda image: dataclasses.replace(poses, confidence=np.float32(confidence)))
    assert len(crowd(person)) == kept
    assert len(crowd(person, min_confidence=0.13)) == (confidence[0] >= 0.13)


@pytest.mark.slow
def test_on_photos_it_is_better_than_multipose_and_has_few_ghosts(crowd, multipose, shared, capsys):
    import json

    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth = COCO(str(shared / "photos" / "person_keypoints.json"))
    precision = {}
    for model in (crowd, multipose):
        results = []
        for image in truth.dataset["images"]:
            results += model(posekit.read_image(shared / "photos" / "images" / image["file_name"])).to_coco(image["id"])
        score = COCOeval(truth, truth.loadRes(json.loads(json.dumps(results))), "keypoints")
        score.evaluate()
        score.accumulate()
        score.summarize()
        precision[model.name] = score.stats[0]
    assert precision["crowd"] > precision["multipose"] + 0.2, precision
    empty = [path for path in (shared / "nobody").glob("*.jpg") if path.stat().st_size]
    assert np.mean([len(crowd(posekit.read_image(path))) > 0 for path in empty]) <= 0.02
