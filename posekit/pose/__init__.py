"""Poses as data: the skeleton, people as arrays, their similarity, and tables. Independent of pictures and models."""

from posekit.pose.geometry import angle_between, joint_angle
from posekit.pose.oks import nms, oks
from posekit.pose.poses import THRESHOLD, Floats, Keypoint, Pose, Poses
from posekit.pose.skeleton import ANGLES, EDGES, FLIP, INDEX, KEYPOINTS, LOOK, SIGMAS, keypoint_index, side
from posekit.pose.tables import check_tracks_target, save_tracks, tracks_to_pandas
from posekit.pose.words import count_people

__all__ = [
    "ANGLES",
    "EDGES",
    "FLIP",
    "INDEX",
    "KEYPOINTS",
    "LOOK",
    "SIGMAS",
    "THRESHOLD",
    "Floats",
    "Keypoint",
    "Pose",
    "Poses",
    "angle_between",
    "check_tracks_target",
    "count_people",
    "joint_angle",
    "keypoint_index",
    "nms",
    "oks",
    "save_tracks",
    "side",
    "tracks_to_pandas",
]
