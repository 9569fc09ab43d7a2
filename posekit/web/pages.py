"""The pages for people: a form for a photo, its result, and the live picture."""

from __future__ import annotations

import csv
import hmac
import io
import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

import cv2
from flask import Blueprint, Response, g, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import Forbidden, Gone, NotFound
from werkzeug.wrappers import Response as AnyResponse

from posekit.drawing import draw, draw_angles, encode_jpeg
from posekit.errors import UnknownFormatError
from posekit.estimate.in_browser import BROWSER_MODELS
from posekit.frontend import assets
from posekit.image import RGB, read_image
from posekit.motion import EXERCISES
from posekit.pose import ANGLES, INDEX, THRESHOLD, Pose, Poses, count_people, side
from posekit.web import front
from posekit.web.api import described
from posekit.web.choice import SENTENCES, SEVERAL, View, model_for_several, read_model, read_view
from posekit.web.clip_work import MAX_SECONDS, RESULT_SIDE
from posekit.web.clips import MAX_CLIP_BYTES
from posekit.web.feed import BOUNDARY
from posekit.web.limits import visitor
from posekit.web.results import RESULT_LIFETIME, Result
from posekit.web.state import app_state
from posekit.web.uploads import MAX_UPLOAD_BYTES, uploaded

pages = Blueprint("pages", __name__)

#: The longer side of the pictures on the result page, in pixels; the full size is for download.
PAGE_SIDE = 1600

#: How many photos can be sent together. The page sends them one after another, so that each counts as one.
MAX_PHOTOS_SHOWN = 10

FORMATS = "JPEG, PNG, HEIC, WebP, AVIF, TIFF, GIF or BMP"

GONE = f"This result is gone: photos are deleted after {RESULT_LIFETIME // 60} minutes. Send yours again."


@pages.get("/")
def index() -> str:
    """Shows the form."""
    return form()


def form(error: str = "") -> str:
    """The page with the form, and what was wrong with the last photo; the visitor's choices for it are kept."""
    offered = app_state().sessions.models
    model, view = g.get("model", offered[0]), g.get("view", View())
    limits = {"max_bytes": MAX_UPLOAD_BYTES, "max_photos": MAX_PHOTOS_SHOWN, "minutes": RESULT_LIFETIME // 60, "formats": FORMATS}
    choices = {"offered": offered, "sentences": SENTENCES, "model": model, "view": view, "default": View()}
    clips = {
        "clip_seconds": MAX_SECONDS,
        "clip_bytes": MAX_CLIP_BYTES,
        "clip_side": RESULT_SIDE,
        "exercises": list(EXERCISES),
        "clip_model": g.get("clip_model", offered[0]),
        "clip_exercise": g.get("clip_exercise", ""),
    }
    return render_template("index.html", error=error, modules=front.modules("photo"), **choices, **limits, **clips)


@pages.post("/")
def upload() -> AnyResponse:
    """Finds the poses in a photo; its result has an address of its own, so that it can be reloaded."""
    with app_state().photos.place(visitor()):  # before the body is read: bodies take memory
        content, name = uploaded()
        g.model, g.view = read_model(request.form, app_state().sessions.models), read_view(request.form)
        return _look(content, name, g.model, g.view.threshold)


@pages.post("/results/<key>")
def again(key: str) -> AnyResponse:
    """Looks at the same photo with another model."""
    state, found = app_state(), _found(key)
    with state.photos.place(visitor()):
        return _look(found.upload, found.name, read_model(request.form, state.sessions.models), found.threshold)


def _look(content: bytes, name: str, model_name: str, threshold: float) -> AnyResponse:
    state = app_state()
    with _explained(name), state.decoder.decoded(content, name, visitor()) as image:
        with state.pool(model_name).checkout(visitor()) as model:
            start = time.perf_counter()
            poses = model(image)
            seconds = time.perf_counter() - start
        original, shown = _pictures(image, poses, threshold)
    result = Result(visitor(), name, content, original, shown, poses, model.name, seconds, threshold)
    return redirect(url_for("pages.result", key=state.results.put(result)), 303)


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Explains a file that is not a picture to people, who chose the wrong file, and to whom its first bytes tell nothing."""
    try:
        yield
    except UnknownFormatError:
        raise UnknownFormatError(f"{name} is not a picture that can be read here. Choose a {FORMATS}.") from None


@pages.get("/results/<key>")
def result(key: str) -> str:
    """Shows the original and the prediction side by side, and the table."""
    found = _found(key)
    view = read_view(request.args, found.threshold)
    return render_template(
        "result.html",
        key=key,
        view=view,
        asked={} if view == View(found.threshold) else {"threshold": view.threshold, "angles": "on" if view.angles else None},
        about={"name": found.name, **_described(found)},
        side=_side,
        angles=[_angles(person) for person in found.poses],
        several=None if found.model in SEVERAL else model_for_several(app_state().sessions.models),
        minutes=RESULT_LIFETIME // 60,
    )


@pages.get("/photos/<keys>")
def photos(keys: str) -> str:
    """Shows the results of several photos that were sent together."""
    found = [(key, app_state().results.get(key)) for key in keys.split(",")[:MAX_PHOTOS_SHOWN]]
    shown = [(key, each.name, count_people(len(each.poses))) for key, each in found if each]
    if not shown:
        raise Gone(GONE)
    return render_template("photos.html", shown=shown, gone=len(found) - len(shown), minutes=RESULT_LIFETIME // 60)


def _found(key: str) -> Result:
    found = app_state().results.get(key)
    if found is None:
        raise Gone(GONE)
    return found


@pages.get("/results/<key>/<name>")
def result_file(key: str, name: str) -> AnyResponse:
    """Sends a picture or a table of a result."""
    found = app_state().results.get(key)
    if found is None or name not in _FILES:
        raise NotFound
    mimetype, make = _FILES[name]
    label = f"{PurePath(found.name).stem}_{name}"
    return send_file(io.BytesIO(make(found)), mimetype, as_attachment=name.startswith("pose."), download_name=label)


@pages.get("/live")
def live() -> str:
    """Shows the live picture."""
    state = app_state()
    exercises, here = list(EXERCISES), list(BROWSER_MODELS)
    settings = {"models": state.sessions.live, "threshold": THRESHOLD, "exercises": exercises, "browserModels": here}
    return render_template(
        "live.html",
        settings=json.dumps(settings),
        sentences={name: SENTENCES[name] for name in state.sessions.live if name in SENTENCES},
        feed=state.feed,
        token=state.token,
        modules=front.modules("host"),
    )


@pages.get("/video_feed")
def video_feed() -> Response:
    """Sends the picture of the server's own camera with the skeletons, as MJPEG."""
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
    """Sends scripts and styles: the widgets' own modules, and those of the pages."""
    if name not in assets.FILES:
        raise NotFound
    content, tag = front.file(name)
    response = Response(content, mimetype=assets.FILES[name], headers={"Cache-Control": "no-cache"})
    response.set_etag(tag)
    return response.make_conditional(request)


def _pictures(image: RGB, poses: Poses, threshold: float) -> tuple[bytes, bytes]:
    """What the page shows: the photo without and with skeletons, both re-encoded, so that nothing hidden in it is passed on."""
    width, height = poses.size
    times = math.ceil(max(width, height) / PAGE_SIDE)  # shrinking by a whole number is ten times as fast
    size = max(1, round(width / times)), max(1, round(height / times))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(image.dtype, copy=False) if times > 1 else image
    return encode_jpeg(small), encode_jpeg(draw(small, poses.to_parent(1 / times, (0, 0), size), threshold=threshold))


def _shown(result: Result) -> bytes:
    """The photo with skeletons in the size of the page; it is drawn again if another view than the stored one is requested."""
    view = read_view(request.args, result.threshold)
    if view == View(result.threshold):
        return result.shown
    with app_state().photos.place(visitor()):
        image = read_image(result.original)
        height, width = image.shape[:2]
        poses = result.poses.to_parent(width / result.poses.size[0], (0, 0), (width, height))
        return encode_jpeg(_drawn(image, poses, view))


def _drawn(image: RGB, poses: Poses, view: View) -> RGB:
    drawn = draw(image, poses, threshold=view.threshold)
    return draw_angles(drawn, poses, threshold=view.threshold) if view.angles else drawn


def _described(result: Result) -> dict[str, Any]:
    return described(result.poses, result.model, result.seconds)


def _large(result: Result) -> bytes:
    """The photo with skeletons in its full size, which is made on request, since it takes as long as everything else."""
    state = app_state()
    with state.photos.place(visitor()), state.decoder.decoded(result.upload, result.name, visitor()) as image:
        return encode_jpeg(_drawn(image, result.poses, read_view(request.args, result.threshold)))


def _csv(result: Result) -> bytes:
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["person", "keypoint", "x", "y", "score"])
    for number, person in enumerate(_described(result)["people"]):
        table.writerows([number, name, at["x"], at["y"], at["score"]] for name, at in person["keypoints"].items())
    return file.getvalue().encode()


_FILES: dict[str, tuple[str, Callable[[Result], bytes]]] = {
    "original.jpg": ("image/jpeg", lambda result: result.original),
    "shown.jpg": ("image/jpeg", _shown),
    "pose.jpg": ("image/jpeg", _large),
    "pose.csv": ("text/csv", _csv),
    "pose.json": ("application/json", lambda result: json.dumps(_described(result), indent=1).encode()),
}


def _angles(person: Pose) -> list[tuple[str, float, float]]:
    """The angles that are known: the name of the joint, degrees, and the lowest score of the three points."""
    angles = [
        (joint.replace("_", " "), person.angle(joint), float(person.score[list(three)].min())) for joint, three in ANGLES.items()
    ]
    return [each for each in angles if math.isfinite(each[1])]


def _side(name: str) -> str:
    """Which side of the body a keypoint is on, for its mark."""
    return side(INDEX[name])
