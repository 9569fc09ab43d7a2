"""For people: a form for a photo, its result, and the live picture."""

from __future__ import annotations

import csv
import io
import json
import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import PurePath
from typing import Any

import cv2
from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import Gone, NotFound
from werkzeug.wrappers import Response as AnyResponse

from posekit.drawing import draw, encode_jpeg
from posekit.estimate import PoseModel
from posekit.frontend import assets
from posekit.image import RGB
from posekit.pose import INDEX, THRESHOLD, Poses, side
from posekit.web.api import described
from posekit.web.feed import BOUNDARY
from posekit.web.results import RESULT_LIFETIME
from posekit.web.state import app_state
from posekit.web.uploads import MAX_UPLOAD_BYTES, decoded, uploaded

pages = Blueprint("pages", __name__)

#: The longer side of the pictures on the result page; larger ones are for download.
SHOWN = 1600

_FRONT: dict[str, tuple[str, Callable[[], str]]] = {
    "live.js": ("text/javascript", lambda: assets.esm(*assets.LIVE_JS)),
    "live.css": ("text/css", lambda: assets.css(*assets.LIVE_CSS)),
    "base.css": ("text/css", lambda: assets.css("base")),
}


@pages.get("/")
def index() -> str:
    """The form."""
    return form()


def form(error: str = "") -> str:
    """The page with the form, and what was wrong with the last photo."""
    return render_template("index.html", error=error, max_bytes=MAX_UPLOAD_BYTES, minutes=RESULT_LIFETIME // 60)


@pages.post("/")
def upload() -> AnyResponse:
    """Finds the pose in a photo; its result has an address of its own, so that it can be loaded again."""
    content, name = uploaded()

    def find(model: PoseModel) -> tuple[Mapping[str, bytes], Mapping[str, Any]]:
        image = decoded(content, name)
        start = time.perf_counter()
        poses = model(image)
        found = described(poses, model.name, time.perf_counter() - start)
        return _files(image, poses, found), {"name": name, "stem": PurePath(name).stem, **found}

    result = app_state().medias.put(*app_state().workers.run(find))
    return redirect(url_for("pages.result", key=result.key), 303)


@pages.get("/result/<key>")
def result(key: str) -> str:
    """Original and prediction side by side, and the table."""
    kept = app_state().medias.get(key)
    if kept is None:
        raise Gone(f"This result is gone: photos are deleted after {RESULT_LIFETIME // 60} minutes. Send yours again.")
    minutes = RESULT_LIFETIME // 60
    return render_template("result.html", result=kept, about=kept.about, side=_side, threshold=THRESHOLD, minutes=minutes)


@pages.get("/medias/<name>")
def medias(name: str) -> AnyResponse:
    """A picture or a table of a result."""
    path = app_state().medias.path(name)
    kept = app_state().medias.get(name.partition("_")[0])
    if path is None or kept is None:
        raise NotFound
    attached = not name.endswith(_SHOWN_PARTS)
    label = f"{kept.about['stem']}_pose{path.suffix}"
    return send_file(path, mimetype=_TYPES[path.suffix], as_attachment=attached, download_name=label, max_age=None)


@pages.get("/live")
def live() -> str:
    """The live picture."""
    now = app_state()
    settings = {"models": now.sessions.models, "threshold": THRESHOLD}
    return render_template("live.html", settings=json.dumps(settings), feed=now.feed)


@pages.get("/video_feed")
def video_feed() -> Response:
    """The server's own camera with the skeletons, as MJPEG."""
    feed = app_state().feed
    if feed is None:
        raise NotFound("This server has no camera. Start it with: posekit serve --camera 0, or --camera CLIP.")
    if request.method == "HEAD":
        return Response(mimetype=f"multipart/x-mixed-replace; boundary={BOUNDARY}")
    feed.join()
    answer = Response(feed.parts(), mimetype=f"multipart/x-mixed-replace; boundary={BOUNDARY}")
    answer.call_on_close(feed.leave)
    return answer


@pages.get("/front/<name>")
def front_end(name: str) -> AnyResponse:
    """The widgets' own front end: one file, two hosts."""
    if name not in _FRONT:
        raise NotFound
    mimetype, text = _FRONT[name]
    answer = Response(text(), mimetype=mimetype, headers={"Cache-Control": "no-cache"})
    answer.set_etag(sha256(answer.get_data()).hexdigest()[:32])
    return answer.make_conditional(request)


_SHOWN_PARTS = ("_original.jpg", "_shown.jpg")
_TYPES = {".jpg": "image/jpeg", ".csv": "text/csv", ".json": "application/json"}


def _files(image: RGB, poses: Poses, found: Mapping[str, Any]) -> dict[str, bytes]:
    """What the page shows, and what it gives to download. Pictures are encoded anew: nothing hidden in a photo goes on."""
    width, height = poses.size
    times = math.ceil(max(width, height) / SHOWN)  # a whole number of times smaller is ten times as fast
    size = max(1, round(width / times)), max(1, round(height / times))
    with ThreadPoolExecutor(1) as other:  # the large one takes as long as all the rest
        large = other.submit(lambda: encode_jpeg(draw(image, poses)))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(image.dtype, copy=False) if times > 1 else image
        return {
            "original.jpg": encode_jpeg(small),
            "shown.jpg": encode_jpeg(draw(small, poses.to_parent(1 / times, (0, 0), size))),
            "pose.csv": _csv(found),
            "pose.json": json.dumps(found, indent=1).encode(),
            "pose.jpg": large.result(),
        }


def _csv(found: Mapping[str, Any]) -> bytes:
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["person", "keypoint", "x", "y", "score"])
    for number, person in enumerate(found["people"]):
        table.writerows([number, name, at["x"], at["y"], at["score"]] for name, at in person["keypoints"].items())
    return file.getvalue().encode()


def _side(name: str) -> str:
    """Which side of the body a keypoint is on, for its mark."""
    return side(INDEX[name])
