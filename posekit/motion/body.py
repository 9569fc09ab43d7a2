"""One person at one moment, measured in lengths of their own bones, so that neither size nor position matters."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posekit.errors import PosekitError, nearest
from posekit.pose import ANGLES, INDEX, KEYPOINTS, joint_angle

#: Length of each bone as a share of the body's height (Drillis and Contini 1966, as in Winter, "Biomechanics and Motor Control
#: of Human Movement"). Shoulders are measured from joint to joint.
SHARES = {"trunk": 0.288, "shoulders": 0.259, "upper_arm": 0.186, "forearm": 0.146, "thigh": 0.245, "shin": 0.246}
BONES = tuple(SHARES)

#: A bone's length is the 85th percentile of its lengths in the last 10 seconds, sampled 10 times a second: seen end-on it looks
#: short, and in a single frame it can be wrong.
QUANTILE, MEMORY, INTERVAL = 0.85, 10.0, 0.1

#: No bone is shorter than this share of the length that follows from the longest of the others: seen from the front, the trunk of
#: somebody who lies down is always short.
MIN_SHARE = 0.7

_LIMBS = {"upper_arm": ("shoulder", "elbow"), "forearm": ("elbow", "wrist"), "thigh": ("hip", "knee"), "shin": ("knee", "ankle")}
_LEFT, _RIGHT = (np.array([[INDEX[f"{side}_{end}"] for end in ends] for ends in _LIMBS.values()]) for side in ("left", "right"))
_SHOULDERS = [INDEX["left_shoulder"], INDEX["right_shoulder"]]
_HIPS = [INDEX["left_hip"], INDEX["right_hip"]]
_PAIRS = {name[5:]: (INDEX[name], INDEX["right_" + name[5:]]) for name in KEYPOINTS if name.startswith("left_")}


def joint_pair(joint: str) -> tuple[int, int]:
    """The indices of a joint's left and right keypoint, by its name without the side.

    Raises:
        PosekitError: there is no joint of that name.
    """
    if joint not in _PAIRS:
        raise PosekitError(f"there is no joint {joint!r}; {nearest(joint, tuple(_PAIRS))}")
    return _PAIRS[joint]


class Body:
    """One person at one moment.

    Attributes:
        xy: (17, 2) pixels, NaN where a point is missing.
        bones: the full length of each bone in pixels, not foreshortened: trunk, shoulders, upper_arm, forearm, thigh, shin, and the
            sums arm and leg.
    """

    def __init__(self, xy: NDArray[Any], bones: dict[str, float]) -> None:
        self.xy = xy
        self.bones = bones
        self._points: list[list[float]] = xy.tolist()

    def point(self, joint: str, side: str = "both") -> tuple[float, float]:
        """x, y of a joint in pixels: shoulder, elbow, wrist, hip, knee, ankle, eye or ear.

        Args:
            joint: its name without the side.
            side: `"left"`, `"right"`, or `"both"`: the point midway, or the side that is seen. NaN where neither is.

        Raises:
            PosekitError: there is no such joint or side.
        """
        left, right = (self._points[i] for i in joint_pair(joint))
        if side != "both":
            if side not in ("left", "right"):
                raise PosekitError(f"there is no side {side!r}; {nearest(side, ('left', 'right', 'both'))}")
            left = right = left if side == "left" else right
        if left[0] != left[0]:
            left = right
        elif right[0] != right[0]:
            right = left
        return (left[0] + right[0]) / 2, (left[1] + right[1]) / 2

    def height(self, joint: str, above: str, per: str, side: str = "both") -> float:
        """How far a joint is above another one, in lengths of a bone; negative if it is below.

        If the camera is level, heights hardly depend on the view; angles do.

        Args:
            joint: see `point`.
            above: the other joint; see `point`.
            per: the bone: trunk, shoulders, upper_arm, forearm, thigh, shin, arm or leg.
            side: see `point`.

        Raises:
            PosekitError: there is no such joint, bone or side.
        """
        return (self.point(above, side)[1] - self.point(joint, side)[1]) / self._bone(per)

    def apart(self, joint: str, per: str) -> float:
        """The horizontal distance between a joint's two sides, in lengths of a bone.

        Raises:
            PosekitError: there is no such joint or bone.
        """
        left, right = (self._points[i] for i in joint_pair(joint))
        return abs(left[0] - right[0]) / self._bone(per)

    def angle(self, name: str) -> float:
        """The angle at a joint such as `"left_knee"`, in the plane of the picture, in degrees; see `Pose.angle`.

        Raises:
            PosekitError: there is no angle of that name.
        """
        if name not in ANGLES:
            raise PosekitError(f"there is no angle {name!r}; {nearest(name, tuple(ANGLES))}")
        return float(joint_angle(self.xy[list(ANGLES[name])]))

    def _bone(self, name: str) -> float:
        if name not in self.bones:
            raise PosekitError(f"there is no bone {name!r}; {nearest(name, tuple(self.bones))}")
        return self.bones[name]


class BoneMeter:
    """Learns the lengths of a person's bones from frame to frame."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, NDArray[Any]]] = deque()
        self._bones: dict[str, float] = {}

    def __call__(self, xy: NDArray[Any], time: float) -> Body:
        """Takes the points of the next frame and returns the person as a `Body`.

        Args:
            xy: (17, 2) pixels, NaN where a point is missing.
            time: the time of the frame in seconds, later than the last one.
        """
        if not self._seen or time - self._seen[-1][0] >= INTERVAL:
            self._seen.append((time, _lengths(xy)))
            while time - self._seen[0][0] > MEMORY:
                self._seen.popleft()
            self._bones = _typical(np.array([lengths for _, lengths in self._seen]))
        return Body(xy, self._bones)


def _lengths(xy: NDArray[Any]) -> NDArray[Any]:
    """The length of each of `BONES` in pixels: of a pair the longer one, and 0 where it is missing."""
    limbs = np.fmax(*(np.hypot(*(xy[ends[:, 0]] - xy[ends[:, 1]]).T) for ends in (_LEFT, _RIGHT)))
    trunk = xy[_SHOULDERS].sum(axis=0) / 2 - xy[_HIPS].sum(axis=0) / 2
    shoulders = xy[_SHOULDERS[0]] - xy[_SHOULDERS[1]]
    lengths: NDArray[Any] = np.nan_to_num(np.array([np.hypot(*trunk), np.hypot(*shoulders), *limbs]))
    return lengths


def _typical(seen: NDArray[Any]) -> dict[str, float]:
    """(n, bones) lengths in the last seconds → the typical length of each bone."""
    ranks = np.sort(seen, axis=0)[::-1]
    counts = (seen > 0).sum(axis=0)
    length = ranks[((1 - QUANTILE) * counts).astype(int), range(len(BONES))]
    shares = np.array(list(SHARES.values()))
    height = (length / shares).max()
    sized = np.maximum(np.maximum(length, MIN_SHARE * height * shares), 1e-6)
    bones = dict(zip(BONES, sized.tolist(), strict=True))
    return bones | {"arm": bones["upper_arm"] + bones["forearm"], "leg": bones["thigh"] + bones["shin"]}
