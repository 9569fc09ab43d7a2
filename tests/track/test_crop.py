import numpy as np
import pytest

from posekit import Poses, Region
from posekit.pose.skeleton import INDEX
from posekit.track.crop import next_region, smart_crop


def pose_of(points, score=0.9):
    """A pose with the named points, all other scores 0."""
    xy, scores = np.zeros((17, 2), np.float32), np.zeros(17, np.float32)
    for name, point in points.items():
        xy[INDEX[name]], scores[INDEX[name]] = point, score
    return xy, scores


# A hand-made body in a picture of 640×480: hips in the middle at (320, 240), shoulders 60 above, an ankle 150 below.
BODY = {"left_hip": (340, 240), "right_hip": (300, 240), "left_shoulder": (350, 180), "right_shoulder": (290, 180)}


class TestSmartCrop:
    def test_the_torso_alone_gives_1_9_times_its_reach(self):
        assert smart_crop(*pose_of(BODY), (640, 480)) == Region(320 - 114, 240 - 114, 228)  # 1.9 × 60

    def test_a_far_reliable_point_gives_1_2_times_its_reach(self):
        assert smart_crop(*pose_of({**BODY, "left_ankle": (330, 390)}), (640, 480)) == Region(140, 60, 360)  # 1.2 × 150

    @pytest.mark.parametrize(("score", "side"), [(0.19, 228), (0.2, 228), (0.21, 360)])
    def test_a_point_is_reliable_over_a_score_of_0_2(self, score, side):
        xy, scores = pose_of({**BODY, "left_ankle": (330, 390)})
        scores[INDEX["left_ankle"]] = score
        assert smart_crop(xy, scores, (640, 480)).side == side

    def test_it_reaches_no_farther_than_the_farthest_border(self):
        """The hips are in the middle of the width, 200 below the upper border: the farthest border is 320 away, at the sides."""
        high = {name: (x, y - 40) for name, (x, y) in BODY.items()}
        assert smart_crop(*pose_of({**high, "left_ankle": (330, 600)}), (640, 480)) == Region(0, 200 - 320, 640)

    def test_it_is_at_least_16_pixels_large(self):
        tiny = {name: (320 + (x - 320) / 30, 240 + (y - 240) / 30) for name, (x, y) in BODY.items()}
        assert smart_crop(*pose_of(tiny), (640, 480)).side == 16

    def test_larger_than_the_picture_is_the_whole_picture(self):
        assert smart_crop(*pose_of({**BODY, "left_ankle": (330, 600)}), (640, 480)) == Region.whole((640, 480))

    @pytest.mark.parametrize("missing", [("left_hip", "right_hip"), ("left_shoulder", "right_shoulder")])
    def test_without_hips_or_shoulders_there_is_none(self, missing):
        assert smart_crop(*pose_of({name: point for name, point in BODY.items() if name not in missing}), (640, 480)) is None


class TestNextRegion:
    def poses(self, points, size=(640, 480)):
        xy, score = pose_of(points)
        return Poses(xy[None], score[None], [[0, 0, 1, 1]], [0.9], size)

    def test_with_hips_it_is_the_smart_crop(self):
        assert next_region(self.poses(BODY)) == smart_crop(*pose_of(BODY), (640, 480))

    def test_without_hips_it_is_a_square_around_the_rest_with_a_margin_of_half(self):
        face = {"nose": (300, 220), "left_shoulder": (350, 260), "right_shoulder": (250, 260)}
        assert next_region(self.poses(face)) == Region(225, 165, 150)  # 1.5 × 100 around (300, 240)

    def test_without_any_reliable_point_it_is_the_whole_picture(self):
        assert next_region(self.poses({})) == Region.whole((640, 480))

    @pytest.mark.parametrize("shift", [(-700, 0), (700, 0), (0, -600), (0, 600)])
    def test_where_the_person_has_left_the_picture_it_is_the_whole(self, shift):
        outside = {name: (x + shift[0], y + shift[1]) for name, (x, y) in BODY.items()}
        assert next_region(self.poses(outside)) == Region.whole((640, 480))
