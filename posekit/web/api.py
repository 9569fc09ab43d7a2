"""For programs: a picture in, keypoints out as JSON. `openapi.json` says how; the front end of the live page asks here, too."""

from __future__ import annotations

import json
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from posekit.errors import PosekitError
from posekit.estimate import PoseModel
from posekit.pose import KEYPOINTS, Poses
from posekit.web.state import app_state
from posekit.web.uploads import decoded, uploaded

api = Blueprint("api", __name__)

#: The largest frame of a live picture; a square of 512 pixels takes some 50 kB.
MAX_FRAME = 2**18

_OPENAPI = Path(__file__).parent / "openapi.json"


@api.post("/api/pose")
def pose() -> dict[str, Any]:
    """Finds the people in the picture that is sent."""
    passes = _passes()
    content, name = uploaded()

    def find(model: PoseModel) -> dict[str, Any]:
        image = decoded(content, name)
        start = time.perf_counter()
        poses = model(image, passes=passes)
        return described(poses, model.name, time.perf_counter() - start)

    return app_state().workers.run(find)


@api.get("/api/health")
def health() -> dict[str, Any]:
    """Whether the server answers, and what it has."""
    now = app_state()
    camera = now.feed and {"state": now.feed.state, "error": now.feed.error}
    return {"status": "ok", "version": version("posekit"), "model": now.workers.model, "camera": camera}


@api.get("/api/openapi.json")
def openapi() -> Response:
    """How to use this API, for programs."""
    return Response(_OPENAPI.read_bytes(), mimetype="application/json")


@api.post("/live/frame")
def frame() -> dict[str, Any]:
    """Answers one frame of a visitor's live picture: the body is the JPEG, the header X-Question the rest."""
    request.max_content_length = MAX_FRAME
    try:
        question = json.loads(request.headers.get("X-Question", ""))
    except (ValueError, RecursionError):  # ten thousand brackets
        raise BadRequest("a frame needs a header X-Question: a JSON object") from None
    return app_state().sessions.answer(request.get_data(cache=False), question)


def described(poses: Poses, model: str, seconds: float) -> dict[str, Any]:
    """Poses as the API's JSON: pixels, and shares of the picture's width and height."""
    shares = poses.xy / np.array(poses.size, np.float32)
    people = [
        {
            "confidence": round(person.confidence, 4),
            "box": [round(each, 2) for each in person.box.tolist()],
            "keypoints": {
                name: {
                    "x": round(x, 2),
                    "y": round(y, 2),
                    "x_normalised": round(across, 5),
                    "y_normalised": round(down, 5),
                    "score": round(score, 4),
                }
                for name, (x, y), (across, down), score in zip(
                    KEYPOINTS, person.xy.tolist(), where.tolist(), person.score.tolist(), strict=True
                )
            },
        }
        for person, where in zip(poses, shares, strict=True)
    ]
    width, height = poses.size
    return {"model": model, "size": {"width": width, "height": height}, "time_ms": round(1000 * seconds, 1), "people": people}


def _passes() -> int | None:
    wanted = request.args.get("passes")
    if wanted not in (None, "1", "2"):
        raise PosekitError(f"passes must be 1 or 2, not {wanted!r}")
    return wanted and int(wanted)  # type: ignore[return-value]
