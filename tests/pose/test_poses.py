import dataclasses

import numpy as np
import pytest

import posekit
from posekit import Poses
from posekit.pose.skeleton import INDEX, KEYPOINTS


def people(n, size=(640, 480), **points):
    """`n` people with all points at (0, 0) and score 0.5, but for the named ones: name=(x, y)."""
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
    poses = people(2, nose=(5, 5))
    poses.score[0, 0] = 0.2
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


def test_wrong_shapes_are_refused():
    with pytest.raises(posekit.PosekitError, match=r"Poses\.score must have shape \(1, 17\) for 1 people, but has \(1, 16\)"):
        dataclasses.replace(people(1), score=np.zeros((1, 16), np.float32))


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


def test_repr_is_for_people():
    assert repr(people(1, size=(640, 427))) == "Poses(1 person, 640×427, 17/17 keypoints over 0.3)"
    assert repr(Poses.empty((640, 427))) == "Poses(nobody, 640×427)"
    assert repr(people(2)) == "Poses(2 people, 640×480, 17 + 17/17 keypoints over 0.3)"
    assert repr(people(1, nose=(221.9103, 8))[0]["nose"]) == "Keypoint(x=221.9, y=8.0, score=0.50)"
    assert repr(people(1)[0]) == "Pose(confidence 0.90, 17/17 keypoints over 0.3)"
    assert "id 3" in repr(dataclasses.replace(people(1), id=np.array([3]))[0])


def test_together_keeps_order_and_takes_nobody(waving):
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
