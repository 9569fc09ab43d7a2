"""Tables of tracks with known movements, for the tests of motion."""

import sys
from dataclasses import replace
from pathlib import Path

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


sys.path.insert(0, str(Path(__file__).parent.parent / "data" / "render"))
import training  # noqa: E402
from body import KEYPOINTS as BODY_KEYPOINTS  # noqa: E402
from body import solve  # noqa: E402
from motion import jack  # noqa: E402
from scene import Camera  # noqa: E402


def posed_tracks(pose, seconds, turn, fps=20.0):
    """The joints of the rendered body, without rendering it: `pose` (of a time) seen from `turn` degrees."""
    camera, frames = Camera((0, 1.2, 4.8), (0, 0.86, 0), 900), []
    for i in range(int(seconds * fps)):
        body = solve(replace(pose(i / fps), turn=turn))
        frames.append(camera.project(np.array([body.points[name] for name in BODY_KEYPOINTS]))[0])
    return tracks_of(np.array(frames), fps)


#: Exercise, pose at a time, seconds, and how many there are.
TRAINING = {
    name: (each.exercise, each.pose, each.seconds, 0 if each.half else each.count) for name, each in training.WORKOUTS.items()
} | {"jumping_jacks": ("jumping_jack", jack, 5.6, 6)}
