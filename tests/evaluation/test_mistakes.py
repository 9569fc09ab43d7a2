"""A person's keypoints are moved to where each kind of mistake is, by hand."""

import numpy as np
import pytest

from posekit.evaluation import mistakes, scoring
from posekit.evaluation.truth import read_truth
from posekit.pose import INDEX

pytest.importorskip("pycocotools")
LEFT, RIGHT = INDEX["left_wrist"], INDEX["right_wrist"]


@pytest.fixture
def judge(folder, content):
    """`judge(change)`: the first of the two people, after `change(own, other)` has moved the joints that were found."""

    def make(change):
        truth = read_truth(content, folder / "images")
        picture = truth.pictures[6]
        own, other = (np.reshape(each["keypoints"], (17, 3)).astype(float) for each in picture.people)
        found = own.copy()
        change(found, other)
        result = {"image_id": picture.id, "category_id": 1, "keypoints": found.ravel().tolist(), "score": 0.9}
        evaluator = scoring.matched([picture], [result], 1, threshold=mistakes.FOUND_OKS)
        return mistakes.judged(evaluator, [picture]), evaluator

    return make


def test_the_truth_is_good_and_the_other_person_is_not_found(judge):
    (one, other), evaluator = judge(lambda own, other: None)
    assert set(one.kind) == {"good"}
    assert one.mean_oks == pytest.approx(1)
    assert np.allclose(one.distance, 0)
    assert other.result is None
    assert other.mean_oks == 0
    assert set(other.kind) == {""}
    assert mistakes.ghosts(evaluator) == []


def test_each_kind_of_mistake(judge):
    def change(own, other):
        size = np.sqrt(np.prod(np.ptp(own[:, :2], axis=0)) * 8 / 9)  # of the annotation that conftest.py makes
        own[LEFT, :2], own[RIGHT, :2] = own[RIGHT, :2].copy(), own[LEFT, :2].copy()
        own[INDEX["left_ankle"], :2] = other[INDEX["right_ankle"], :2]
        own[INDEX["right_ankle"], :2] = other[INDEX["right_ankle"], :2]
        own[INDEX["left_knee"], :2] = 1, 1
        # Hips have COCO's widest tolerance, 2 × 0.107 of the root of the area: 0.8 of that is an OKS of exp(-0.32) = 0.73.
        own[INDEX["left_hip"], 0] += 0.8 * 0.214 * size

    (one, _), _ = judge(change)
    kinds = {name: str(one.kind[i]) for name, i in INDEX.items() if one.kind[i] != "good"}
    assert kinds == {
        "left_wrist": "inversion",
        "right_wrist": "inversion",
        "left_ankle": "swap",
        "right_ankle": "swap",
        "left_knee": "miss",
        "left_hip": "jitter",
    }


def test_oks_is_that_of_pycocotools(judge):
    (one, _), evaluator = judge(lambda own, other: own.__iadd__([3, -5, 0]))
    theirs = evaluator.ious[(one.picture.id, 1)][0, 0]
    assert one.mean_oks == pytest.approx(theirs, abs=1e-6)


def test_what_belongs_to_nobody_is_a_ghost(judge):
    people, evaluator = judge(lambda own, other: own.__imul__([0.01, 0.01, 1]))
    assert [each.result for each in people] == [None, None]
    assert [each["score"] for each in mistakes.ghosts(evaluator)] == [0.9]
