import numpy as np
import pytest

from posekit import Region
from posekit.pose.skeleton import INDEX
from posekit.track.crop import smart_crop


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

    def test_an_unreliable_point_does_not_count(self):
        xy, score = pose_of({**BODY, "left_ankle": (330, 390)})
        score[INDEX["left_ankle"]] = 0.2
        assert smart_crop(xy, score, (640, 480)).side == 228

    def test_it_goes_no_farther_than_the_farthest_border(self):
        aside = {name: (x - 250, y) for name, (x, y) in BODY.items()}
        assert smart_crop(*pose_of({**aside, "left_wrist": (600, 240)}), (1000, 480)).side <= 1000

    def test_larger_than_the_picture_is_the_whole_picture(self):
        assert smart_crop(*pose_of({**BODY, "left_ankle": (330, 600)}), (640, 480)) == Region.whole((640, 480))

    @pytest.mark.parametrize("missing", [("left_hip", "right_hip"), ("left_shoulder", "right_shoulder")])
    def test_without_hips_or_shoulders_there_is_none(self, missing):
        assert smart_crop(*pose_of({name: point for name, point in BODY.items() if name not in missing}), (640, 480)) is None
