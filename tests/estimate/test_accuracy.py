"""Accuracy on real photos, which are not part of the repository: where they are missing, these tests skip."""

import json

import numpy as np
import pytest

import posekit

pytestmark = pytest.mark.slow

#: `model(image)` must find this share of large people, and claim somebody in at most this share of pictures without anybody.
GATES = {"lightning": (0.95, 0.04), "thunder": (0.95, 0.02)}


@pytest.fixture(scope="module")
def alone(shared):
    """Photos with exactly one person: (path, annotation)."""
    coco = json.loads((shared / "photos" / "person_keypoints.json").read_text())
    people = {image["id"]: [each for each in coco["annotations"] if each["image_id"] == image["id"]] for image in coco["images"]}
    paths = {image["id"]: shared / "photos" / "images" / image["file_name"] for image in coco["images"]}
    return [(paths[key], found[0]) for key, found in people.items() if len(found) == 1]


def precision(alone, find):
    """COCO's AP over keypoints, by pycocotools."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth = COCO()
    results = []
    truth.dataset = {"info": {}, "images": [], "annotations": [], "categories": [{"id": 1, "name": "person"}]}
    for path, annotation in alone:
        image = posekit.read_image(path)
        truth.dataset["images"].append({"id": annotation["image_id"], "width": image.shape[1], "height": image.shape[0]})
        truth.dataset["annotations"].append(annotation)
        results += find(image).to_coco(annotation["image_id"])
    truth.createIndex()
    score = COCOeval(truth, truth.loadRes(results), "keypoints")
    score.evaluate()
    score.accumulate()
    score.summarize()
    return score.stats[0]


@pytest.mark.parametrize("name", ["lightning", "thunder"])
def test_the_second_look_raises_the_precision(name, alone, request, capsys):
    model = request.getfixturevalue(name)
    assert precision(alone, model) - precision(alone, model.look) > 0.05, "14 photos say no more than that it helps"


@pytest.mark.parametrize("name", GATES)
def test_few_ghosts(name, shared, request):
    model = request.getfixturevalue(name)
    empty = [path for path in (shared / "nobody").glob("*.jpg") if path.stat().st_size]
    assert len(empty) > 50
    ghosts = [path.name for path in empty if len(model(posekit.read_image(path)))]
    assert len(ghosts) <= GATES[name][1] * len(empty), ghosts


@pytest.mark.parametrize("name", GATES)
def test_large_people_are_found(name, alone, request):
    model = request.getfixturevalue(name)
    large = [path for path, annotation in alone if annotation["area"] > 96**2 and annotation["num_keypoints"] >= 5]
    assert len(large) > 8
    found = [len(model(posekit.read_image(path))) for path in large]
    assert np.mean(found) >= GATES[name][0]


def test_the_same_photo_in_another_form_gives_the_same_points(shared, lightning):
    reference = lightning(posekit.read_image(shared / "hard" / "plain.bmp"))
    clear = reference.score[0] > 0.3
    for name in (
        "cmyk.jpg",
        "palette_P.png",
        "plain.webp",
        "progressive.jpg",
        "rgb16.png",
        "rgb16.tiff",
        "jpeg_named.png",
        "gray_L.png",
    ):
        poses = lightning(posekit.read_image(shared / "hard" / name))
        assert np.hypot(*(poses.xy[0] - reference.xy[0]).T)[clear].mean() < 5, name
    for orientation in range(1, 9):
        poses = lightning(posekit.read_image(shared / "hard" / f"exif_orientation_{orientation}.jpg"))
        assert np.hypot(*(poses.xy[0] - reference.xy[0]).T)[clear].mean() < 5, orientation


def test_awkward_pictures_give_poses_or_an_explanation(shared, lightning):
    for path in sorted((shared / "hard").iterdir()):
        refused = None
        try:
            poses = lightning(posekit.read_image(path))
        except posekit.PosekitError as error:
            refused = str(error)
        assert path.name in refused if refused else poses.xy.shape == (len(poses), 17, 2)
