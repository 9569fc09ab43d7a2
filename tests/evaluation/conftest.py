"""A small COCO file, made from the rendered samples, whose joints are known exactly."""

import json

import numpy as np
import pytest
from PIL import Image

import posekit
from posekit.pose import KEYPOINTS

CATEGORY = {"id": 1, "name": "person", "keypoints": list(KEYPOINTS), "skeleton": []}


def person(number, image_id, xy):
    """An annotation: the box around the joints, a third larger; the area as COCO's people fill their boxes, by about a half."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    (x, y), (width, height) = (low - (high - low) / 6).tolist(), ((high - low) * 4 / 3).tolist()
    points = np.concatenate([xy, np.full((17, 1), 2)], axis=1).ravel().tolist()
    whole = {"bbox": [x, y, width, height], "area": width * height / 2, "keypoints": points, "num_keypoints": 17, "iscrowd": 0}
    return {"id": number, "image_id": image_id, "category_id": 1, **whole}


@pytest.fixture(scope="session")
def frames():
    """Pictures and the true joints of everybody in them: one person, six times, and two people."""
    found = [(posekit.read_image(posekit.sample("person")), [posekit.ground_truth("person")["people"][0]["xy"][0]])]
    for name, numbers in {"squats": (0, 20, 40), "walk": (30, 60), "two_people": (10,)}.items():
        truth, clip = posekit.ground_truth(name), list(posekit.read_video(posekit.sample(name)))
        found += [(clip[i], [each["xy"][i] for each in truth["people"]]) for i in numbers]
    return found


@pytest.fixture(scope="session")
def folder(frames, tmp_path_factory):
    """A folder with `images/` and `people.json`: seven pictures with people, and one, a black one, without."""
    place = tmp_path_factory.mktemp("coco")
    (place / "images").mkdir()
    content = {"images": [], "annotations": [], "categories": [CATEGORY]}
    for number, (image, people) in enumerate([*frames, (np.zeros((60, 80, 3), np.uint8), [])], 10):
        name = f"{number}.png"
        Image.fromarray(image).save(place / "images" / name)
        content["images"].append({"id": number, "file_name": name, "width": image.shape[1], "height": image.shape[0]})
        for xy in people:
            content["annotations"].append(person(100 + len(content["annotations"]), number, np.array(xy)))
    (place / "people.json").write_text(json.dumps(content))
    return place


@pytest.fixture
def content(folder):
    """The annotations of `folder`, to be changed by a test."""
    return json.loads((folder / "people.json").read_text())


@pytest.fixture
def oracle(content, folder):
    """A model that knows the truth: `oracle(shift)` moves everybody by that many pixels, each one farther than the last."""
    known = {}
    for image in content["images"]:
        pixels = posekit.read_image(folder / "images" / image["file_name"])
        xy = [np.reshape(each["keypoints"], (17, 3))[:, :2] for each in content["annotations"] if each["image_id"] == image["id"]]
        known[pixels.tobytes()] = np.array(xy, np.float32).reshape(-1, 17, 2)

    def make(shift=0.0, ghosts=0):
        seen = []

        def model(image):
            seen.append(image.shape)
            xy = known[image.tobytes()]
            xy = xy + shift * np.arange(len(seen), len(seen) + len(xy)).reshape(-1, 1, 1)
            xy = np.concatenate([xy, np.full((ghosts, 17, 2), 5.0)]).astype(np.float32)
            box = np.concatenate([xy.min(axis=1), xy.max(axis=1)], axis=1)
            sure = (0.9 - 0.01 * np.arange(len(xy)) - 0.001 * len(seen)).astype(np.float32)
            return posekit.Poses(xy, np.ones((len(xy), 17), np.float32), box, sure, image.shape[1::-1])

        model.seen = seen
        return model

    return make


@pytest.fixture
def evaluate(folder):
    return lambda model, **more: posekit.evaluate(folder / "people.json", folder / "images", model, progress=False, **more)
