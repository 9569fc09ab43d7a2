import json

import pytest

import posekit
from posekit.evaluation.truth import read_truth, without_people


@pytest.fixture
def read(folder, content):
    return lambda: read_truth(content, folder / "images")


@pytest.mark.slow
def test_reads_pictures_and_people(read, folder):
    truth = read()
    assert [len(each.people) for each in truth.pictures] == [1, 1, 1, 1, 1, 1, 2, 0]
    assert truth.pictures[0].size == (640, 480)
    assert len(truth.chosen("all")) == 8
    assert len(truth.chosen("one")) == 6
    assert read_truth(folder / "people.json", folder / "images").pictures == truth.pictures


def test_a_crowd_or_somebody_without_keypoints_beside_a_person_is_not_one_person(read, content):
    content["annotations"].append({**content["annotations"][0], "id": 1, "iscrowd": 1})
    content["annotations"].append({**content["annotations"][1], "id": 2, "num_keypoints": 0})
    assert len(read().chosen("one")) == 4


def test_other_categories_are_left_alone(read, content):
    content["categories"].insert(0, {"id": 7, "name": "chair"})
    content["annotations"].append({"id": 5, "image_id": 10, "category_id": 7})
    assert read().category == 1
    assert sum(len(each.people) for each in read().pictures) == 8


def test_says_what_is_missing(read, content, folder):
    def fails(message):
        with pytest.raises(posekit.PosekitError, match=message):
            read()

    for key in ("images", "annotations", "categories"):
        kept = content.pop(key)
        fails(f"not in COCO's format: it has no list '{key}'")
        content[key] = kept
    for field in ("image_id", "area", "bbox", "keypoints"):
        kept = content["annotations"][2].pop(field)
        fails(f"annotation 102 in the annotations has no '{field}'")
        content["annotations"][2][field] = kept
    content["annotations"][2]["keypoints"] = [1, 2, 3]
    fails("'keypoints' must be 51 numbers")


def test_refuses_hostile_and_mixed_up_files(read, content):
    content["annotations"][0]["area"] = "large"
    with pytest.raises(posekit.PosekitError, match="'area' must be a number"):
        read()
    content["annotations"][0]["area"] = float("nan")
    with pytest.raises(posekit.PosekitError, match="'area' must be a number"):
        read()
    content["annotations"][0].update(area=5, image_id=999)
    with pytest.raises(posekit.PosekitError, match="annotates pictures that it does not list: image_id 999"):
        read()
    content["annotations"][0]["image_id"] = [1]
    with pytest.raises(posekit.PosekitError, match="image_id"):
        read()


def test_says_which_keypoints_another_set_has(read, content):
    content["categories"][0]["keypoints"] = ["thumb", "wrist", "index", "ring", "little"]
    with pytest.raises(posekit.PosekitError, match=r"5 \(thumb, wrist, index, ring, …\) of person; MoveNet finds COCO's 17 \(nose"):
        read()
    del content["categories"][0]["keypoints"]
    with pytest.raises(posekit.PosekitError, match="no category with keypoints; of COCO's files take person_keypoints"):
        read()


def test_says_when_nobody_is_annotated(read, content):
    for each in content["annotations"]:
        each["num_keypoints"] = 0
    with pytest.raises(posekit.PosekitError, match="nobody is annotated with keypoints"):
        read().chosen("all")
    with pytest.raises(posekit.PosekitError, match="no picture has exactly one person"):
        read().chosen("one")
    with pytest.raises(posekit.PosekitError, match='"all" or "one", not \'two\''):
        read().chosen("two")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("[1]", "holds a list"),
        ('{"info": {}}', r"no list 'images' \(it has: info\)"),
        ('[{"image_id": 1, "keypoints": []}]', "is a file of results"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_says_what_a_strange_file_is(text, message, folder, tmp_path):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(posekit.PosekitError, match=message):
        read_truth(tmp_path / "a.json", folder)


def test_missing_files_and_folders(folder, tmp_path):
    with pytest.raises(posekit.PosekitError, match="cannot read"):
        read_truth(folder / "none.json", folder)
    with pytest.raises(posekit.PosekitError, match=r"no folder .*nowhere with the pictures"):
        read_truth(folder / "people.json", folder / "nowhere")
    with pytest.raises(posekit.PosekitError, match=r"pictures"):
        without_people(tmp_path)
    assert [each.name for each in without_people(folder / "images")][:2] == ["10.png", "11.png"]


def test_the_content_is_not_changed(read, content):
    before = json.dumps(content)
    read()
    assert json.dumps(content) == before
