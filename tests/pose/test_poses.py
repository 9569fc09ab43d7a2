import copy
import dataclasses
import json
import pickle

import numpy as np
import pytest

import posekit
from posekit import Poses
from posekit.pose.skeleton import INDEX, KEYPOINTS


def people(n, size=(640, 480), **points):
    """`n` people with all points at (0, 0) and score 0.5, except the named ones: name=(x, y)."""
    xy = np.zeros((n, 17, 2), np.float32)
    for name, point in points.items():
        xy[:, INDEX[name]] = point
    score = np.full((n, 17), 0.5, np.float32)
    return Poses(xy, score, np.zeros((n, 4), np.float32), np.linspace(0.9, 0.5, n, dtype=np.float32), size)


def test_a_keypoint_by_name():
    poses = people(1, left_wrist=(12.5, 40))
    assert poses[0]["left_wrist"] == (12.5, 40, 0.5)
    assert poses[0]["left_wrist"].x == 12.5


def test_an_unknown_keypoint_is_explained():
    with pytest.raises(posekit.PosekitError, match=r"no keypoint 'left_hand'.*did you mean"):
        people(1)[0]["left_hand"]


@pytest.mark.parametrize(
    ("ankle", "degrees"),
    [((10, 30), 180), ((20, 20), 90), ((0, 20), 90), ((20, 10), 45), ((10, 10), 0), ((13, 16), 36.8698976)],
)
def test_angle_of_hand_made_triangles(ankle, degrees):
    # The knee at (10, 20), the hip straight above it; the last one is the 3-4-5 triangle.
    pose = people(1, left_hip=(10, 10), left_knee=(10, 20), left_ankle=ankle)[0]
    assert pose.angle("left_knee") == pytest.approx(degrees, abs=1e-4)


def test_angle_is_nan_where_a_point_is_missing_or_two_are_one():
    poses = people(1, left_hip=(10, 10), left_knee=(10, 20), left_ankle=(10, 30))
    assert np.isnan(poses.above(0.6)[0].angle("left_knee"))
    assert np.isnan(people(1)[0].angle("left_knee"))


def test_an_unknown_angle_is_explained():
    with pytest.raises(posekit.PosekitError, match="did you mean 'left_knee'"):
        people(1)[0].angle("left_kne")


def test_above_makes_points_nan_and_keeps_scores():
    score = np.full((2, 17), 0.5)
    score[0, 0] = 0.2
    poses = dataclasses.replace(people(2, nose=(5, 5)), score=score)
    seen = poses.above(0.3)
    assert np.isnan(seen.xy[0, 0]).all()
    assert not np.isnan(seen.xy[1]).any()
    assert not np.isnan(poses.xy).any(), "the original stays as it was"
    np.testing.assert_array_equal(seen.score, poses.score)


def test_a_score_that_equals_the_threshold_counts_as_above():
    assert not np.isnan(people(1).above(0.5).xy).any()


def test_people_can_be_counted_taken_and_iterated():
    poses = dataclasses.replace(people(3), id=np.array([7, 8, 9]))
    assert len(poses) == 3
    assert [pose.id for pose in poses] == [7, 8, 9]
    assert poses[-1].id == 9
    assert [pose.id for pose in poses[[True, False, True]]] == [7, 9]
    assert len(poses[:1]) == 1
    with pytest.raises(IndexError, match="no person 3: 3 people"):
        poses[3]


def test_nobody_is_an_empty_poses():
    nobody = Poses.empty((640, 480))
    assert len(nobody) == 0
    assert list(nobody) == []
    assert nobody.above(0.3).xy.shape == (0, 17, 2)
    assert nobody.to_coco() == []
    assert len(nobody.to_pandas()) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score": np.zeros((1, 16))}, r"Poses\.score must have shape \(1, 17\) for 1 person, but has \(1, 16\)"),
        ({"xy": np.zeros((2, 17, 2))}, r"Poses\.score must have shape \(2, 17\) for 2 people, but has \(1, 17\)"),
        ({"id": [1, 2]}, r"Poses\.id must have shape \(1,\) for 1 person, but has \(2,\)"),
        ({"xy": 3}, r"Poses\.xy must have shape"),
        ({"confidence": ["sure"]}, r"Poses\.confidence must hold numbers"),
    ],
)
def test_wrong_shapes_and_words_are_refused(change, message):
    with pytest.raises(posekit.PosekitError, match=message):
        dataclasses.replace(people(1), **change)


def test_lists_and_other_floats_become_the_arrays_of_the_contract():
    poses = Poses(np.zeros((1, 17, 2)).tolist(), np.zeros((1, 17)), [[0, 0, 1, 1]], [0.5], (640, 480), [3])
    assert {getattr(poses, name).dtype for name in ("xy", "score", "box", "confidence")} == {np.dtype(np.float32)}
    assert poses.id.dtype == np.int64


def test_some_people_by_a_slice_a_mask_or_a_list():
    poses = dataclasses.replace(people(3), id=[7, 8, 9])
    for chosen, expected in (
        (slice(0, 1), [7]),
        (slice(None, None, -1), [9, 8, 7]),
        ([2, 0], [9, 7]),
        ([], []),
        (np.array([False, True, False]), [8]),
        (poses.confidence > 0.6, [7, 8]),
    ):
        assert isinstance(poses[chosen], Poses)
        assert poses[chosen].id.tolist() == expected
        assert poses[chosen].size == (640, 480)


def test_a_keypoint_of_all_people_and_other_odd_choices_are_explained():
    poses = people(2)
    with pytest.raises(posekit.PosekitError, match=r"belongs to one person: write poses\[0\]\['nose'\]"):
        poses["nose"]
    for odd in ([True], [0.5], 0.5, None, [[0]], (0, "nose")):
        with pytest.raises(IndexError, match="a number, a slice, a list of numbers, or a mask of 2, not"):
            poses[odd]


def test_arrays_cannot_be_written_to_and_the_callers_own_can():
    mine = np.zeros((1, 17, 2), np.float32)
    poses = dataclasses.replace(people(1), xy=mine)
    for write in (
        lambda: poses.xy.__setitem__(0, 1),
        lambda: poses[0].xy.__setitem__(slice(None), 1),
        lambda: poses.above(0.3).score.__setitem__((0, 0), 1),
        lambda: poses.to_parent(2, (0, 0), (9, 9)).box.__iadd__(1),
    ):
        with pytest.raises(posekit.PosekitError, match=r"read-only.*xy = poses\.xy\.copy\(\)"):
            write()
    mine[:] = 1
    assert np.shares_memory(mine, poses.xy), "nothing is copied"


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_poses_can_be_pickled_and_stay_read_only(protocol):
    poses = dataclasses.replace(people(2, nose=(3, 4)), id=[4, 2])
    again, one = pickle.loads(pickle.dumps((poses, poses[1]), protocol))
    assert again.to_pandas().equals(poses.to_pandas())
    assert (again.size, one.size, one.id, one["nose"]) == ((640, 480), (640, 480), 2, (3, 4, 0.5))
    assert not again.xy.flags.writeable
    assert not one.xy.flags.writeable
    assert copy.deepcopy(poses).to_pandas().equals(poses.to_pandas())


def test_table_has_a_row_for_each_keypoint():
    table = people(2, nose=(3, 4)).to_pandas()
    assert list(table.columns) == ["person", "keypoint", "x", "y", "score"]
    assert len(table) == 34
    nose = table[(table.person == 1) & (table.keypoint == "nose")].iloc[0]
    assert (nose.x, nose.y, nose.score) == (3, 4, 0.5)
    assert list(table.keypoint[:17]) == list(KEYPOINTS)


def test_table_of_a_track_has_ids():
    table = dataclasses.replace(people(2), id=np.array([4, 2])).to_pandas()
    assert table.id.tolist() == [4] * 17 + [2] * 17


def test_coco_results_are_read_by_pycocotools_and_score_full_marks_against_themselves(capsys):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    rng = np.random.default_rng(0)
    poses = dataclasses.replace(people(1), xy=rng.uniform(50, 400, (1, 17, 2)).astype(np.float32))
    truth = COCO()
    truth.dataset = {
        "info": {},
        "images": [{"id": 5, "width": 640, "height": 480}],
        "categories": [{"id": 1, "name": "person", "keypoints": list(KEYPOINTS)}],
        "annotations": [
            {
                "id": 1,
                "image_id": 5,
                "category_id": 1,
                "iscrowd": 0,
                "area": 40000,
                "bbox": [50, 50, 350, 350],
                "num_keypoints": 17,
                "keypoints": np.concatenate([poses.xy[0], np.full((17, 1), 2)], axis=1).ravel().tolist(),
            }
        ],
    }
    truth.createIndex()
    score = COCOeval(truth, truth.loadRes(poses.to_coco(5)), "keypoints")
    score.evaluate()
    score.accumulate()
    score.summarize()
    assert score.stats[0] == pytest.approx(1)


def test_missing_keypoints_are_zeros_in_coco_results_which_json_can_write():
    (person,) = people(1, nose=(3, 4)).above(0.6).to_coco(5)
    assert json.loads(json.dumps(person, allow_nan=False)) == {
        "image_id": 5,
        "category_id": 1,
        "keypoints": [0] * 51,
        "score": pytest.approx(0.9),
    }
    (person,) = people(1, nose=(3, 4)).to_coco()
    assert person["keypoints"][:3] == [3, 4, 0.5]


def test_repr_is_for_people():
    assert repr(people(1, size=(640, 427))) == "Poses(1 person, 640×427, 17/17 keypoints over 0.3)"
    assert repr(Poses.empty((640, 427))) == "Poses(nobody, 640×427)"
    assert repr(people(2)) == "Poses(2 people, 640×480, 17 + 17/17 keypoints over 0.3)"
    assert repr(people(1, nose=(221.9103, 8))[0]["nose"]) == "Keypoint(x=221.9, y=8.0, score=0.50)"
    assert repr(people(1)[0]) == "Pose(confidence 0.90, 17/17 keypoints over 0.3)"
    assert "id 3" in repr(dataclasses.replace(people(1), id=np.array([3]))[0])


def test_concat_keeps_the_order_and_takes_empty_poses(waving):
    assert len(Poses.concat([], (640, 480))) == 0
    both = Poses.concat([waving, people(2), Poses.empty((640, 480))], (640, 480))
    np.testing.assert_array_equal(both.xy[0], waving.xy[0])
    assert len(both) == 3
    assert both.size == (640, 480)


def test_poses_of_a_part_are_moved_to_where_it_lies(waving):
    moved = waving.to_parent(2, (100, -50), (1920, 1080))
    assert np.allclose(moved.xy, waving.xy * 2 + (100, -50))
    assert np.allclose(moved.box, waving.box * 2 + (100, -50, 100, -50))
    assert moved.size == (1920, 1080)
    assert moved.score is waving.score
