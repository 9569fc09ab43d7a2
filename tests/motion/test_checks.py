import numpy as np
import pytest

import posekit
from posekit.motion.checks import check_times, list_of_poses, number
from posekit.motion.examples import pose_of
from posekit.pose import Poses

POSE = pose_of(np.column_stack([np.arange(17), np.arange(17) * 2, np.full(17, 0.5)]))


@pytest.mark.parametrize("wrong", ["1", None, True, float("nan"), float("inf"), -1, 3, np.array([1.0, 2.0])])
def test_a_number_is_a_number_in_its_range(wrong):
    with pytest.raises(posekit.PosekitError, match="expected a share; got "):
        number(wrong, "a share", 0, 2)
    assert number(np.float32(0.5), "a share", 0, 2) == number(0.5, "a share") == 0.5


def test_poses_come_alone_or_together():
    poses = Poses(POSE.xy[None], POSE.score[None], POSE.box[None], np.ones(1, np.float32), (9, 9))
    for several in (POSE, [POSE], (each for each in [POSE]), poses):
        assert [each["nose"].score for each in list_of_poses(several)] == [0.5]
    assert list_of_poses([]) == []


@pytest.mark.parametrize(
    ("wrong", "seen"), [(None, "NoneType"), (3, "int"), ("photo.jpg", "str"), (np.zeros((2, 17, 2)), "ndarray"), ([POSE, 1], "int")]
)
def test_what_is_not_a_pose_is_named(wrong, seen):
    message = f"expected poses, as a model or a Tracker returns them, or a list of Pose; got {seen}"
    classifier = posekit.PostureClassifier().fit([POSE], ["wave"])
    uses = (list_of_poses, posekit.pose_features, classifier.predict, classifier.distance)
    for use in (*uses, lambda poses: classifier.fit(poses, ["wave"])):
        with pytest.raises(posekit.PosekitError, match=message):
            use(wrong)


def test_each_frame_has_one_time_and_a_later_one():
    check_times(np.array([0, 0, 1, 4]), np.array([0.0, 0.0, 0.1, 0.2]))
    check_times(np.zeros(0, int), np.zeros(0))
    for times, match in (
        ([0.0, 0.0, np.nan, 0.2], "needs a time in seconds; in frame 1 it is nan"),
        ([0.0, 0.0, 0.1, np.inf], "in frame 4 it is inf"),
        ([0.0, 0.0, 0.1, 0.1], r"stand still: 0\.1 s in frame 1, 0\.1 s in frame 4; it must hold one clip"),
        ([0.0, 0.0, 0.1, 0.05], "run backwards"),
        ([0.0, 0.1, 0.2, 0.3], r"differ within a frame: 0 s in frame 0, 0\.1 s in frame 0"),
    ):
        with pytest.raises(posekit.PosekitError, match=match):
            check_times(np.array([0, 0, 1, 4]), np.array(times))
