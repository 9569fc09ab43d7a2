import dataclasses

import numpy as np
import pytest

from posekit import Poses
from posekit.pose.oks import nms, oks


def test_two_equal_poses_agree_fully_and_far_ones_not_at_all(waving):
    np.testing.assert_allclose(oks(waving.xy, waving.xy, waving.box), 1)
    assert oks(waving.xy, waving.xy + 500, waving.box).max() < 0.01
    assert oks(waving.xy, waving.xy, waving.box).shape == (1, 17)


def test_similarity_is_that_of_pycocotools(waving, capsys):
    """The same number from there, which averages over the keypoints."""
    from pycocotools.cocoeval import COCOeval

    moved = waving.xy + np.float32((6, -4))
    x0, y0, x1, y1 = waving.box[0].tolist()
    box = [x0, y0, x1 - x0, y1 - y0]
    evaluation = COCOeval(iouType="keypoints")
    truth = np.concatenate([waving.xy[0], np.full((17, 1), 2)], axis=1).ravel().tolist()
    found = np.concatenate([moved[0], np.ones((17, 1))], axis=1).ravel().tolist()
    evaluation._gts = {(1, 1): [{"keypoints": truth, "bbox": box, "area": box[2] * box[3]}]}
    evaluation._dts = {(1, 1): [{"keypoints": found, "score": 1}]}
    expected = evaluation.computeOks(1, 1)[0, 0]
    assert oks(moved, waving.xy, waving.box).mean() == pytest.approx(expected, rel=1e-4)
    twice_as_far = waving.xy + np.float32((12, -8))
    assert oks(twice_as_far, waving.xy, waving.box, tolerance=2).mean() == pytest.approx(expected, rel=1e-4)


def test_of_two_looks_at_one_person_the_surer_stays(waving):
    again = dataclasses.replace(waving, xy=waving.xy + 2, confidence=np.array([0.95], np.float32))
    other = dataclasses.replace(waving, xy=waving.xy + 200, confidence=np.array([0.5], np.float32))
    three = Poses.concat([waving, again, other], waving.size)
    assert nms(three).confidence.tolist() == pytest.approx([0.95, 0.5])
    assert len(nms(Poses.empty((640, 480)))) == 0


@pytest.mark.parametrize(("shift", "people"), [(18, 1), (24, 2)])
def test_poses_with_a_mean_oks_over_0_7_are_one_person_unless_told_otherwise(waving, shift, people):
    other = dataclasses.replace(waving, xy=waving.xy + np.float32((shift, 0)))
    similarity = oks(waving.xy, other.xy, waving.box).mean()
    assert 0.7 < similarity < 0.85 if people == 1 else 0.5 < similarity < 0.7
    pair = Poses.concat([waving, other], waving.size)
    assert len(nms(pair)) == people
    assert len(nms(pair, 0.999)) == 2
    assert len(nms(pair, 0.01)) == 1


def test_a_box_without_an_area_counts_as_one_pixel(waving):
    points = np.zeros((1, 17, 2), np.float32)
    assert oks(points, points, np.zeros((1, 4), np.float32)).tolist() == [[1] * 17]
    assert np.isfinite(oks(points, points + 1, np.zeros((1, 4), np.float32))).all()
