"""Runs MediaPipe's full pose model in an environment without posekit: pictures on stdin, landmarks on stdout.

The input for each picture is a line "height width", then its RGB bytes; the output is a line of JSON: 33 × [x, y, visibility], x
and y as shares of the picture's width and height, or null where MediaPipe finds nobody.
"""

import json
import sys

import mediapipe
import numpy as np


def main() -> None:
    """Answers until the end of the input."""
    answers, sys.stdout = sys.stdout, sys.stderr  # MediaPipe's own output must not mix with the answers
    pose = mediapipe.solutions.pose.Pose(static_image_mode=True, model_complexity=1)
    while line := sys.stdin.buffer.readline():
        height, width = map(int, line.split())
        pixels = np.frombuffer(sys.stdin.buffer.read(3 * height * width), np.uint8).reshape(height, width, 3)
        found = pose.process(pixels).pose_landmarks
        points = [[point.x, point.y, point.visibility] for point in found.landmark] if found else None
        print(json.dumps(points), file=answers, flush=True)


if __name__ == "__main__":
    main()
