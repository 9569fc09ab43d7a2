import pytest

from posekit.bench import evaluation

pytest.importorskip("pycocotools")
pytest.importorskip("av")


@pytest.mark.slow
def test_evaluating_is_compared_with_bare_interpreters():
    found = evaluation.benchmark(4, rounds=1)
    assert found["pictures"] == 4
    assert found["ratio"] == found["evaluate"] / found["bare"] > 0


def test_frames_are_repeated_with_their_people_under_new_numbers():
    frames = [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png"}]
    people = [{"id": 1, "image_id": 1}, {"id": 2, "image_id": 2}, {"id": 3, "image_id": 2}]
    more = evaluation._repeated({"images": frames, "annotations": people, "categories": []}, 3)
    assert [(image["id"], image["file_name"]) for image in more["images"]] == [(1, "a.png"), (2, "b.png"), (3, "a.png")]
    assert [(each["id"], each["image_id"]) for each in more["annotations"]] == [(1, 1), (2, 2), (3, 2), (4, 3)]
