"""For people: a form for a photo, its result, and the live picture."""

from __future__ import annotations

import csv
import hmac
import io
import json
import math
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import PurePath
from typing import Any

import cv2
from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import Forbidden, Gone, NotFound
from werkzeug.wrappers import Response as AnyResponse

from posekit.drawing import draw, encode_jpeg
from posekit.frontend import assets
from posekit.image import RGB
from posekit.pose import INDEX, THRESHOLD, Poses, side
from posekit.web.api import described
from posekit.web.feed import BOUNDARY
from posekit.web.limits import visitor
from posekit.web.results import RESULT_LIFETIME, Result
from posekit.web.state import app_state
from posekit.web.uploads import MAX_UPLOAD_BYTES, uploaded

pages = Blueprint("pages", __name__)

#: The longer side of the pictures on the result page, in pixels; the large one is for download.
PAGE_SIDE = 1600


@pages.get("/")
def index() -> str:
    """The form."""
    return form()


def form(error: str = "") -> str:
    """The page with the form, and what was wrong with the last photo."""
    return render_template("index.html", error=error, max_bytes=MAX_UPLOAD_BYTES, minutes=RESULT_LIFETIME // 60)


@pages.post("/")
def upload() -> AnyResponse:
    """Finds the pose in a photo; its result has an address of its own, so that it can be reloaded."""
    state = app_state()
    with state.photos.place(visitor()):  # before the body is read: bodies take memory
        content, name = uploaded()
        with state.decoder.decoded(content, name, visitor()) as image:
            with state.models.checkout() as model:
                start = time.perf_counter()
                poses = model(image)
                seconds = time.perf_counter() - start
            original, shown = _pictures(image, poses)
    key = state.results.put(Result(visitor(), name, content, original, shown, poses, model.name, seconds))
    return redirect(url_for("pages.result", key=key), 303)


@pages.get("/results/<key>")
def result(key: str) -> str:
    """Original and prediction side by side, and the table."""
    found = app_state().results.get(key)
    if found is None:
        raise Gone(f"This result is gone: photos are deleted after {RESULT_LIFETIME // 60} minutes. Send yours again.")
    about = {"name": found.name, **_described(found)}
    minutes = RESULT_LIFETIME // 60
    return render_template("result.html", key=key, about=about, side=_side, threshold=THRESHOLD, minutes=minutes)


@pages.get("/results/<key>/<name>")
def result_file(key: str, name: str) -> AnyResponse:
    """A picture or a table of a result."""
    found = app_state().results.get(key)
    if found is None or name not in _FILES:
        raise NotFound
    mimetype, make = _FILES[name]
    label = f"{PurePath(found.name).stem}_{name}"
    return send_file(io.BytesIO(make(found)), mimetype, as_attachment=name.startswith("pose."), download_name=label)


@pages.get("/live")
def live() -> str:
    """The live picture."""
    state = app_state()
    settings = {"models": state.sessions.models, "threshold": THRESHOLD}
    return render_template(
        "live.html", settings=json.dumps(settings), feed=state.feed, token=state.token, modules=assets.modules("host")
    )


@pages.get("/video_feed")
def video_feed() -> Response:
    """The server's own camera with the skeletons, as MJPEG."""
    feed = app_state().feed
    if feed is None:
        raise NotFound("This server has no camera. Start it with: posekit serve --camera 0, or --camera CLIP.")
    if not hmac.compare_digest(request.args.get("token", "").encode(), app_state().token.encode()):
        raise Forbidden("This link to the camera is out of date, or was made by another website. Open the page “Live” again.")
    if request.method == "HEAD":
        return Response(mimetype=f"multipart/x-mixed-replace; boundary={BOUNDARY}")
    viewer = visitor()
    feed.join(viewer)
    response = Response(feed.parts(), mimetype=f"multipart/x-mixed-replace; boundary={BOUNDARY}")
    response.call_on_close(lambda: feed.leave(viewer))
    return response


@pages.get("/front/<name>")
def front_end(name: str) -> AnyResponse:
    """Scripts and styles: the widgets' own modules, and those of the pages."""
    if name not in assets.FILES:
        raise NotFound
    response = Response(assets.text(name), mimetype=assets.FILES[name], headers={"Cache-Control": "no-cache"})
    response.set_etag(sha256(response.get_data()).hexdigest()[:32])
    return response.make_conditional(request)


def _pictures(image: RGB, poses: Poses) -> tuple[bytes, bytes]:
    """What the page shows: the photo and the skeletons on it. Both are encoded anew: nothing hidden in a photo is passed on."""
    width, height = poses.size
    times = math.ceil(max(width, height) / PAGE_SIDE)  # a whole number of times smaller is ten times as fast
    size = max(1, round(width / times)), max(1, round(height / times))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(image.dtype, copy=False) if times > 1 else image
    return encode_jpeg(small), encode_jpeg(draw(small, poses.to_parent(1 / times, (0, 0), size)))


def _described(result: Result) -> dict[str, Any]:
    return described(result.poses, result.model, result.seconds)


def _large(result: Result) -> bytes:
    """The skeletons on the photo in its full size; made when somebody wants it, since it takes as long as all the rest."""
    state = app_state()
    with state.photos.place(visitor()), state.decoder.decoded(result.upload, result.name, visitor()) as image:
        return encode_jpeg(draw(image, result.poses))


def _csv(result: Result) -> bytes:
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["person", "keypoint", "x", "y", "score"])
    for number, person in enumerate(_described(result)["people"]):
        table.writerows([number, name, at["x"], at["y"], at["score"]] for name, at in person["keypoints"].items())
    return file.getvalue().encode()


_FILES: dict[str, tuple[str, Callable[[Result], bytes]]] = {
    "original.jpg": ("image/jpeg", lambda result: result.original),
    "shown.jpg": ("image/jpeg", lambda result: result.shown),
    "pose.jpg": ("image/jpeg", _large),
    "pose.csv": ("text/csv", _csv),
    "pose.json": ("application/json", lambda result: json.dumps(_described(result), indent=1).encode()),
}


def _side(name: str) -> str:
    """Which side of the body a keypoint is on, for its mark."""
    return side(INDEX[name])
