"""The API for programs, which `openapi.json` describes: it answers a picture with keypoints as JSON. Live frames go here, too."""

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
from posekit.pose import KEYPOINTS, Poses
from posekit.web.limits import visitor
from posekit.web.state import app_state
from posekit.web.uploads import uploaded

api = Blueprint("api", __name__)

#: The largest frame of a live picture, in bytes; a square of 512 pixels takes about 50 kB.
MAX_FRAME_BYTES = 2**18

_OPENAPI = Path(__file__).parent / "openapi.json"


@api.post("/api/pose")
def pose() -> dict[str, Any]:
    """Finds the people in the picture that was sent."""
    passes = _passes()
    state = app_state()
    with (
        state.photos.place(visitor()),  # before the body is read: bodies take memory
        state.decoder.decoded(*uploaded(), visitor()) as image,
        state.models.checkout(visitor()) as model,
    ):
        start = time.perf_counter()
        poses = model(image, passes=passes)
        return described(poses, model.name, time.perf_counter() - start)


@api.get("/api/health")
def health() -> dict[str, Any]:
    """Shows that the server answers, and what it offers."""
    state = app_state()
    camera = state.feed and {"state": state.feed.state, "error": state.feed.error}
    return {"status": "ok", "version": version("posekit"), "model": state.models.name, "camera": camera}


@api.get("/api/openapi.json")
def openapi() -> Response:
    """Describes how to use this API, for programs."""
    return Response(_OPENAPI.read_bytes(), mimetype="application/json")


@api.post("/live/frame")
def frame() -> dict[str, Any]:
    """Answers one frame of a visitor's live picture; the body is the JPEG, and the header X-Request has the rest."""
    request.max_content_length = MAX_FRAME_BYTES
    try:
        asked = json.loads(request.headers.get("X-Request", ""))
    except (ValueError, RecursionError):  # RecursionError: ten thousand nested brackets
        raise BadRequest("a frame needs a header X-Request: a JSON object") from None
    return app_state().sessions.handle(request.get_data(cache=False), asked, visitor())


def described(poses: Poses, model: str, seconds: float) -> dict[str, Any]:
    """Poses as the API's JSON: in pixels, and normalised by the picture's width and height."""
    normalised = poses.xy / np.array(poses.size, np.float32)
    people = [
        {
            "confidence": round(person.confidence, 4),
            "box": [round(each, 2) for each in person.box.tolist()],
            "keypoints": {
                name: {
                    "x": round(x, 2),
                    "y": round(y, 2),
                    "x_normalised": round(x_normalised, 5),
                    "y_normalised": round(y_normalised, 5),
                    "score": round(score, 4),
                }
                for name, (x, y), (x_normalised, y_normalised), score in zip(
                    KEYPOINTS, person.xy.tolist(), at.tolist(), person.score.tolist(), strict=True
                )
            },
        }
        for person, at in zip(poses, normalised, strict=True)
    ]
    width, height = poses.size
    return {"model": model, "size": {"width": width, "height": height}, "time_ms": round(1000 * seconds, 1), "people": people}


def _passes() -> int | None:
    passes = request.args.get("passes")
    if passes not in (None, "1", "2"):
        raise PosekitError(f"passes must be 1 or 2, not {passes!r}")
    return None if passes is None else int(passes)
