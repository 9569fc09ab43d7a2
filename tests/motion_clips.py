"""Tables of tracks with known movements, for the tests of motion."""

import numpy as np

import posekit
from posekit.pose import INDEX, Poses, tracks_to_pandas


def tracks_of(xy, fps=30.0, score=1.0, person=1):
    """(frames, 17, 2) → a table of tracks."""
    n = len(xy)
    poses = [
        Poses(np.asarray(each, np.float32)[None], np.full((1, 17), score, np.float32), np.zeros((1, 4), np.float32),
              np.ones(1, np.float32), (640, 480), np.array([person]))
        for each in xy
    ]  # fmt: skip
    return tracks_to_pandas(np.arange(n) / fps, poses)


def true_tracks(name, person=0):
    truth = posekit.ground_truth(name)
    return tracks_of(truth["people"][person]["xy"], truth["fps"]), truth["people"][person]


def arm_clip(left, right):
    """A figure that stands and lifts its forearms by so many degrees, with 30 frames a second."""
    truth = posekit.ground_truth("person")["people"][0]["xy"][0]
    xy = np.repeat(np.array(truth)[None], len(left), axis=0)
    for side, lift, out in (("left", left, 1), ("right", right, -1)):
        at = {joint: INDEX[f"{side}_{joint}"] for joint in ("shoulder", "elbow", "wrist")}
        xy[:, at["elbow"]] = xy[:, at["shoulder"]] + [10 * out, 60]
        turn = np.radians(lift)
        xy[:, at["wrist"]] = xy[:, at["elbow"]] + 50 * np.stack([out * np.sin(turn), np.cos(turn)], axis=1)
    return tracks_of(xy)
