import numpy as np
import pytest

import posekit
from posekit.evaluation import rendered_pictures
from posekit.pose import KEYPOINTS

pytest.importorskip("av")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rendered")
    clips = {name: posekit.read_video(posekit.sample(name)) for name in ("walk", "two_people")}
    return folder, rendered_pictures(clips, folder, every=50)


@pytest.mark.slow
def test_pictures_are_the_clips_frames(made):
    folder, content = made
    frames = list(posekit.read_video(posekit.sample("walk")))
    first = [each for each in content["images"] if each["file_name"].startswith("walk_")]
    assert [each["file_name"] for each in first] == [f"walk_{i}.png" for i in range(0, len(frames), 50)]
    assert np.array_equal(posekit.read_image(folder / "walk_50.png"), frames[50])


@pytest.mark.slow
def test_annotations_are_the_true_joints_with_names_and_those_outside_are_not_labelled(made):
    _, content = made
    image = next(each for each in content["images"] if each["file_name"] == "two_people_50.png")
    people = [each for each in content["annotations"] if each["image_id"] == image["id"]]
    truth = posekit.ground_truth("two_people")["people"]
    assert [each["name"] for each in people] == [each["name"] for each in truth]
    for annotation, person in zip(people, truth, strict=True):
        points = np.reshape(annotation["keypoints"], (17, 3))
        assert np.allclose(points[:, :2], person["xy"][50])
        assert annotation["num_keypoints"] == 17
    outside = rendered_pictures({"walk": [np.zeros((480, 100, 3), np.uint8)] * 60}, made[0], every=59)["annotations"][-1]
    points = np.reshape(outside["keypoints"], (17, 3))
    assert outside["num_keypoints"] == (points[:, 2] > 0).sum() < 17
    assert (points[points[:, 2] == 0] == 0).all()


def test_pycocotools_reads_them(made):
    coco = pytest.importorskip("pycocotools.coco").COCO()
    coco.dataset = made[1]
    coco.createIndex()
    assert coco.loadCats(1)[0]["keypoints"] == list(KEYPOINTS)
    assert len(coco.getAnnIds()) == len(made[1]["annotations"])


def test_refuses_a_photo_and_a_step_of_nothing(tmp_path):
    with pytest.raises(posekit.PosekitError, match="is a photo"):
        rendered_pictures({"astronaut": []}, tmp_path)
    with pytest.raises(posekit.PosekitError, match="1 or more, not 0"):
        rendered_pictures({}, tmp_path, every=0)
