import numpy as np
import pytest

import posekit
from posekit.pose import skeleton
from posekit.pose.skeleton import EDGES, FLIP, INDEX, KEYPOINTS, PAIRS, SIGMAS


def test_keypoints_are_those_of_coco_in_its_order(shared):
    import json

    category = json.loads((shared / "photos" / "person_keypoints.json").read_text())["categories"][0]
    assert list(KEYPOINTS) == category["keypoints"]


def test_sigmas_are_those_of_pycocotools():
    from pycocotools.cocoeval import Params

    np.testing.assert_allclose(SIGMAS, Params("keypoints").kpt_oks_sigmas, rtol=1e-6)


def test_flip_exchanges_left_and_right_and_nothing_else():
    flipped = [KEYPOINTS[i] for i in FLIP]
    swap = str.maketrans({"L": "R", "R": "L"})
    marked = [name.replace("left", "L").replace("right", "R").translate(swap) for name in KEYPOINTS]
    assert flipped == [name.replace("L", "left").replace("R", "right") for name in marked]
    assert len(PAIRS) == 8


def test_edges_join_all_keypoints_into_one_body():
    reached, todo = {0}, [0]
    while todo:
        a = todo.pop()
        for pair in EDGES:
            for b in set(pair) - {a} if a in pair else ():
                if b not in reached:
                    reached.add(b)
                    todo.append(b)
    assert reached == set(range(17))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["left_knee", "left_ankle"], "left"),
        (["nose", "right_eye"], "right"),
        (["left_hip", "right_hip"], "centre"),
        (["nose"], "centre"),
    ],
)
def test_side(names, expected):
    assert skeleton.side(*(INDEX[name] for name in names)) == expected


def test_an_unknown_keypoint_names_the_nearest():
    with pytest.raises(posekit.PosekitError, match="did you mean 'left_wrist'"):
        skeleton.keypoint_index("left_wirst")
