import json

import numpy as np
import pytest

import posekit
from posekit.evaluation.predict import CROP_MARGIN, predict
from posekit.evaluation.truth import read_truth, without_people


@pytest.fixture
def pictures(folder, content):
    return read_truth(content, folder / "images").pictures


@pytest.mark.slow
def test_every_picture_gets_its_answer_in_cocos_format(pictures, oracle):
    answers = predict(pictures, oracle(), shown=False)
    assert list(answers.results) == [each.id for each in pictures]
    assert [len(answers.results[each.id]) for each in pictures] == [len(each.people) for each in pictures]
    (one,) = answers.results[10]
    assert one["image_id"] == 10
    assert len(one["keypoints"]) == 51


@pytest.mark.slow
def test_a_list_of_pose_is_as_good_as_poses(pictures, oracle):
    model, another = oracle(), oracle()
    answers = predict(pictures, lambda image: list(another(image)), shown=False)
    assert answers == predict(pictures, model, shown=False)


@pytest.mark.parametrize("said", [None, 5, [1], "poses", [None]])
def test_anything_else_is_refused(said, pictures):
    with pytest.raises(posekit.PosekitError, match="must answer with Poses or a list of Pose, but this one gave"):
        predict(pictures, lambda image: said, shown=False)


def test_missing_joints_become_zeros(pictures, oracle):
    model = oracle()
    answers = predict(pictures, lambda image: model(image).above(2), shown=False)
    assert not np.any(np.reshape(answers.results[10][0]["keypoints"], (17, 3))[:, :2])


@pytest.mark.slow
def test_all_cores_give_the_answers_of_one(pictures, lightning):
    assert predict(pictures, "lightning", shown=False).results == predict(pictures, lightning, shown=False).results


def test_broken_pictures_are_listed_and_the_others_answered(pictures, oracle, folder, tmp_path, content):
    for image in content["images"]:
        (tmp_path / image["file_name"]).write_bytes((folder / "images" / image["file_name"]).read_bytes())
    (tmp_path / "10.png").unlink()
    (tmp_path / "11.png").write_bytes(b"no picture")
    content["images"][2]["width"] = 5
    content["images"][3]["file_name"] = "../secret.png"
    answers = predict(read_truth(content, tmp_path).pictures, oracle(), shown=False)
    assert list(answers.results) == [14, 15, 16, 17]
    reasons = [answers.broken[name] for name in ("10.png", "11.png", "12.png", "../secret.png")]
    for reason, words in zip(reasons, ("there is no file", "is not a picture", "annotated with 5×", "leads out"), strict=True):
        assert words in reason


def test_crops_show_each_person_by_themselves(pictures):
    seen = []

    def model(square):
        seen.append(square.shape)
        xy = np.full((2, 17, 2), len(square) / 2, np.float32)
        return posekit.Poses(xy, np.ones((2, 17)), np.zeros((2, 4)), np.array([0.9, 0.8]), square.shape[1::-1])

    answers = predict(pictures, model, crops=True, shown=False)
    people = [person for each in pictures for person in each.people]
    assert len(seen) == len(people) == sum(map(len, answers.results.values()))
    for shape, person in zip(seen, people, strict=True):
        assert shape[0] == shape[1] <= np.ceil(CROP_MARGIN * max(person["bbox"][2:]))
    x, y, width, height = people[0]["bbox"]
    assert np.allclose(answers.results[10][0]["keypoints"][:2], [x + width / 2, y + height / 2], atol=2)


def test_crops_let_movenet_look_once(pictures, lightning):
    answers = predict(pictures, lightning, crops=True, shown=False)
    truth = np.reshape(pictures[0].people[0]["keypoints"], (17, 3))[:, :2]
    found = np.reshape(answers.results[10][0]["keypoints"], (17, 3))[:, :2]
    assert np.linalg.norm(found - truth, axis=1).mean() < 10


def test_what_was_stopped_goes_on_and_does_nothing_twice(pictures, oracle, tmp_path):
    file, whole = tmp_path / "answers.jsonl", predict(pictures, oracle(), shown=False)
    model = oracle()

    def stops(image):
        if len(model.seen) == 3:
            raise KeyboardInterrupt
        return model(image)

    stops.__name__ = "model"
    with pytest.raises(KeyboardInterrupt):
        predict(pictures, stops, checkpoint=file, shown=False)
    file.write_bytes(file.read_bytes() + b'{"picture": 13, "resu')  # as a kill leaves it
    again = predict(pictures, model, checkpoint=file, shown=False)
    assert len(model.seen) == len(pictures)
    assert again == whole
    assert predict(pictures, model, checkpoint=file, shown=False) == whole
    assert len(model.seen) == len(pictures)
    assert len(file.read_text().splitlines()) == 1 + len(pictures)


def test_a_checkpoint_of_another_run_is_left_alone(pictures, oracle, tmp_path):
    file = tmp_path / "answers.jsonl"
    predict(pictures, oracle(), checkpoint=file, shown=False)
    before = file.read_bytes()
    for changed in ({"crops": True}, {"model": lambda image: posekit.Poses.empty((1, 1))}):
        with pytest.raises(posekit.PosekitError, match="belongs to another run"):
            predict(pictures, **{"model": oracle(), "checkpoint": file, "shown": False, **changed})
    assert file.read_bytes() == before
    for text in ("hello\n", json.dumps({"a": 1}) + "\n[]\n"):
        file.write_text(text)
        with pytest.raises(posekit.PosekitError, match=r"not a checkpoint|another run"):
            predict(pictures, oracle(), checkpoint=file, shown=False)
        assert file.read_text() == text
    with pytest.raises(posekit.PosekitError, match="cannot write the checkpoint"):
        predict(pictures, oracle(), checkpoint=tmp_path / "none" / "a.jsonl", shown=False)


def test_an_error_of_the_model_is_the_users_to_see(pictures):
    def model(image):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        predict(pictures, model, shown=False)


def test_pictures_of_a_folder(folder, lightning):
    answers = predict(without_people(folder / "images"), lightning, shown=False)
    assert len(answers.results) == 8
