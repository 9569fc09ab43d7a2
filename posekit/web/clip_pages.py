"""The pages for clips: sending one, its progress, and its result to watch and to download."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePath
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import BadRequest, Gone, NotFound, RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from posekit.motion import EXERCISES
from posekit.pose import count_people
from posekit.web.choice import read_model, read_view
from posekit.web.clip_work import REPETITIONS, TRACKS, VIDEO
from posekit.web.clips import MAX_CLIP_BYTES, Clip
from posekit.web.limits import visitor
from posekit.web.results import RESULT_LIFETIME
from posekit.web.state import app_state
from posekit.web.uploads import EMPTY, MAX_FORM, tidy

clip_pages = Blueprint("clips", __name__)

GONE = f"This clip is gone: it was cancelled, or sent more than {RESULT_LIFETIME // 60} minutes ago. Send yours again."
TOO_LARGE = f"That clip is too large: {MAX_CLIP_BYTES >> 20} MB are allowed. Make it shorter or smaller."

_FILES = {VIDEO: "video/mp4", TRACKS: "text/csv", REPETITIONS: "text/csv"}


@clip_pages.post("/clips")
def upload() -> AnyResponse:
    """Starts work on a clip; its progress, and later its result, have their own address."""
    request.max_content_length = MAX_CLIP_BYTES + MAX_FORM
    if (request.content_length or 0) > MAX_CLIP_BYTES + MAX_FORM:
        raise RequestEntityTooLarge(TOO_LARGE)
    state, sent = app_state(), request.files.getlist("clip")
    if len(sent) != 1 or not sent[0].filename:
        raise BadRequest("No clip came with that: choose one first, then send it.")
    if not sent[0].stream.read(1):
        raise BadRequest(EMPTY.format(tidy(sent[0].filename)))
    sent[0].stream.seek(0)
    g.clip_model, g.clip_exercise = read_model(request.form, state.sessions.models), _exercise()
    threshold = read_view(request.form).threshold

    def save(path: Path) -> None:
        with path.open("wb") as file:
            shutil.copyfileobj(sent[0].stream, file, 2**20)

    key = state.clips.start(save, tidy(sent[0].filename), visitor(), g.clip_model, threshold, g.clip_exercise)
    return redirect(url_for("clips.clip", key=key), 303)


def _exercise() -> str:
    name = request.form.get("exercise", "")
    if name and name not in EXERCISES:
        raise BadRequest(f"There is no exercise {name[:40]!r} here. Choose one of: {', '.join(EXERCISES)}.")
    return name


@clip_pages.get("/clips/<key>")
def clip(key: str) -> tuple[str, int]:
    """Shows the progress of a clip, or its result."""
    if progress := app_state().clips.progress(key):
        name, done, total = progress
        return render_template("clip_progress.html", key=key, name=name, done=done, total=total), 200
    found = _found(key)
    if found.error:
        return render_template("clip_error.html", name=found.name, error=found.error), 422
    who = count_people(found.about["people"])
    return render_template("clip.html", key=key, clip=found, about=found.about, who=who, minutes=RESULT_LIFETIME // 60), 200


@clip_pages.get("/clips/<key>/progress")
def progress(key: str) -> dict[str, Any]:
    """Tells the page's script the progress of a clip: frames done and of how many, or that the work has ended."""
    found = app_state().clips.progress(key)
    return {"ended": True} if found is None else {"ended": False, "done": found[1], "total": found[2]}


@clip_pages.post("/clips/<key>/cancel")
def cancel(key: str) -> AnyResponse:
    """Cancels the work on a clip."""
    app_state().clips.cancel(key)
    return redirect(url_for("pages.index"), 303)


@clip_pages.get("/clips/<key>/<name>")
def file(key: str, name: str) -> AnyResponse:
    """Sends a file of the result; of the annotated clip, players can request a part."""
    found = app_state().clips.get(key)
    if found is None or name not in _FILES or not (path := found.folder.path / name).is_file():
        raise NotFound
    label, is_clip = f"{PurePath(found.name).stem}_{name}", name == VIDEO
    attached = not is_clip or "download" in request.args
    return send_file(path, _FILES[name], as_attachment=attached, download_name=label, conditional=is_clip)


def _found(key: str) -> Clip:
    found = app_state().clips.get(key)
    if found is None:
        raise Gone(GONE)
    return found
