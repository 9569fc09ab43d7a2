import dataclasses

import cv2
import numpy as np
import pytest

import posekit
from posekit.pose.skeleton import EDGES, INDEX, LOOK, side

GROUNDS = {"black": 0, "gray": 128, "white": 255}


@pytest.fixture(params=GROUNDS)
def ground(request):
    return np.full((480, 640, 3), GROUNDS[request.param], np.uint8)


def along(pose, a, b, shares=(0.35, 0.5, 0.65)):
    """Pixels on a bone, away from its ends."""
    p, q = pose.xy[a], pose.xy[b]
    return [tuple(np.floor(p + (q - p) * share).astype(int)) for share in shares]


def contrast(a, b):
    """Contrast of two colours as WCAG 2.2 defines it, 1…21."""
    linear = [np.where((c := np.asarray(rgb) / 255) <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) for rgb in (a, b)]
    light, dark = sorted((float(rgb @ (0.2126, 0.7152, 0.0722)) for rgb in linear), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_draws_on_a_copy(ground, waving):
    before = ground.copy()
    drawn = posekit.draw(ground, waving)
    np.testing.assert_array_equal(ground, before)
    assert drawn.shape == ground.shape
    assert drawn.dtype == np.uint8
    assert (drawn != ground).any()


def test_each_bone_can_be_seen_on_light_and_dark(ground, waving):
    """WCAG asks for 3 : 1 of what must be seen."""
    drawn = posekit.draw(ground, waving)
    pose = waving[0]
    for a, b in EDGES:
        x, y = along(pose, a, b)[1]
        near = drawn[y - 6 : y + 7, x - 6 : x + 7].reshape(-1, 3)
        assert max(contrast(pixel, ground[0, 0]) for pixel in np.unique(near, axis=0)) > 3


def test_left_and_right_differ_without_colour(waving):
    """In grey, across a bone: the right one has a dark line in its middle, the left one is bright there."""
    gray = cv2.cvtColor(posekit.draw(np.full((480, 640, 3), 128, np.uint8), waving), cv2.COLOR_RGB2GRAY)
    for part in (("shoulder", "elbow"), ("hip", "knee"), ("knee", "ankle")):
        middle = {}
        for which in ("left", "right"):
            points = along(waving[0], *(INDEX[f"{which}_{end}"] for end in part))
            middle[which] = np.mean([gray[y, x] for x, y in points])
        assert middle["left"] > middle["right"] + 40


@pytest.mark.slow
def test_lines_are_anti_aliased(waving):
    black = np.zeros((480, 640, 3), np.uint8)
    assert len(np.unique(posekit.draw(black, waving).reshape(-1, 3), axis=0)) > 50


def test_points_and_bones_under_the_threshold_are_left_out(waving, unsure):
    black = np.zeros((480, 640, 3), np.uint8)
    waving = unsure(waving, "left_elbow", 0.2)
    drawn = posekit.draw(black, waving)
    for bone in (("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist")):
        for x, y in along(waving[0], *(INDEX[name] for name in bone)):
            assert not drawn[y, x].any()
    assert posekit.draw(black, waving, threshold=0.1).sum() > drawn.sum()
    assert not posekit.draw(black, waving, threshold=0.95).any()


def test_missing_and_far_away_points_do_no_harm(waving):
    black = np.zeros((480, 640, 3), np.uint8)
    xy = waving.xy.copy()
    xy[0, :5] = np.nan
    xy[0, 5] = (1e9, -1e9)
    xy[0, 6] = np.inf
    assert posekit.draw(black, dataclasses.replace(waving, xy=xy)).any()


def test_nobody_is_an_unchanged_copy(ground):
    drawn = posekit.draw(ground, posekit.Poses.empty((640, 480)))
    np.testing.assert_array_equal(drawn, ground)
    assert drawn is not ground


def test_boxes_carry_the_id_or_the_confidence(ground, waving):
    with_box = posekit.draw(ground, waving, boxes=True)
    tracked = posekit.draw(ground, dataclasses.replace(waving, id=np.array([3])), boxes=True)
    assert (with_box != posekit.draw(ground, waving)).any()
    assert (with_box != tracked).any()


def test_bones_grow_with_the_person():
    from posekit.drawing.draw import line_width

    def person(height):
        box = np.array([0, 0, height / 3, height], np.float32)
        return posekit.Pose(np.zeros((17, 2), np.float32), np.ones(17, np.float32), box, 1.0, (4000, 3000))

    assert line_width(person(100), (4000, 3000)) == 2
    assert line_width(person(2400), (4000, 3000)) == 30


def test_poses_of_another_picture_are_refused(waving):
    with pytest.raises(posekit.PosekitError, match="640×480 pixels, this one has 320×240"):
        posekit.draw(np.zeros((240, 320, 3), np.uint8), waving)
    with pytest.raises(posekit.ImageError, match="float64"):
        posekit.draw(np.zeros((480, 640, 3)), waving)


def test_colours_can_be_told_apart_by_the_colour_blind():
    """Simulated with the matrices of Machado et al. (2009), severity 1: protanopia, deuteranopia, tritanopia."""
    matrices = [
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    ]
    for matrix in matrices:
        left, right = (
            (np.array(matrix) @ (np.array(LOOK.sides[kind].color) / 255).astype(float)).clip(0, 1) for kind in ("left", "right")
        )
        assert np.abs(left - right).max() > 0.25


def test_every_bone_has_a_side():
    assert {side(a, b) for a, b in EDGES} == {"left", "right", "centre"}
