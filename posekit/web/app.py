"""The Flask application: routes, limits, headers, errors."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from flask import Flask, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import Forbidden, HTTPException, InternalServerError
from werkzeug.wrappers import Response as AnyResponse

from posekit.errors import PosekitError, TooLargeError, UnknownFormatError
from posekit.frontend import assets
from posekit.web.api import api
from posekit.web.pages import form, pages
from posekit.web.pool import BusyError
from posekit.web.state import AppState
from posekit.web.uploads import MAX_FORM, MAX_UPLOAD_BYTES

HEADERS = {
    # Scripts and styles are files of ours. ModelPool come as blobs: a widget's front end is one file.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "worker-src blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

#: In plain words, what Werkzeug says to programmers.
WORDS = {
    404: "There is no such page here.",
    405: "That cannot be done with this address.",
    413: f"That file is too large: {MAX_UPLOAD_BYTES >> 20} MB are allowed. Send a smaller picture.",
    500: "Something went wrong here. It has been written into the server's log; please try again.",
}


def create_app(*, model: str = "lightning", camera: str | None = None, names: Sequence[str] = (), everybody: bool = False) -> Flask:
    """Makes the application.

    Args:
        model: a name for `load_model`.
        camera: of the server, for `/video_feed`: its number, or the path of a clip.
        names: host names by which it is reached, besides those of this computer: behind a proxy, for instance.
        everybody: it is reached by any address, not from this computer alone.

    Raises:
        PosekitError: the model cannot be loaded, or the clip not be read.
    """
    app = Flask(__name__, static_folder=assets.FOLDER)
    app.config.update(MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES + MAX_FORM, MAX_FORM_PARTS=100)
    app.config.update(POSEKIT_NAMES={"localhost", *(name.lower() for name in names)}, POSEKIT_EVERYBODY=everybody)
    app.extensions["posekit"] = AppState.start(model, camera)
    app.register_blueprint(api)
    app.register_blueprint(pages)
    app.before_request(lambda: _refuse_strangers(app))
    app.after_request(_add_headers)
    app.register_error_handler(PosekitError, _explain)
    app.register_error_handler(HTTPException, _explain_http)
    app.register_error_handler(Exception, _apologise)
    return app


def _refuse_strangers(app: Flask) -> None:
    """Pages of other sites may not use this one through a visitor's browser, whatever name they gave it (DNS rebinding)."""
    if not _our_name(_split(f"//{request.host}").hostname or "", app):
        raise Forbidden(f"This server does not go by the name {request.host!r}. If it should: posekit serve --name NAME.")
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    # A link from elsewhere may lead to a page; but it neither sends a picture nor opens the server's camera.
    harmless = request.method in ("GET", "HEAD", "OPTIONS") and request.path != "/video_feed"
    if not harmless and site not in (None, "same-origin", "none"):
        raise Forbidden("That came from another website, which may not use this one.")
    if request.method == "POST" and origin is not None and _split(origin).netloc.lower() != request.host.lower():
        raise Forbidden("That came from another website, which may not use this one.")


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # brackets that are no IPv6 address
        return urlsplit("")


def _our_name(host: str, app: Flask) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower() in app.config["POSEKIT_NAMES"]
    return address.is_loopback or bool(app.config["POSEKIT_EVERYBODY"])


def _add_headers(answer: Response) -> Response:
    answer.headers.update(HEADERS)
    answer.headers.setdefault("Cache-Control", "no-store")  # what a visitor sees is for nobody else, nor for later
    return answer


def _explain(error: PosekitError) -> tuple[AnyResponse, int]:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 400)
    return _say(str(error), status)


_STATUS = {BusyError: 503, TooLargeError: 413, UnknownFormatError: 415}


def _explain_http(error: HTTPException) -> tuple[AnyResponse, int]:
    status = error.code or 500
    if status < 400:  # Flask's own redirections
        return error.get_response(), status
    own = error.description if error.description != type(error).description else None
    answer, _ = _say(own or WORDS.get(status) or error.name, status)
    answer.headers.update({name: value for name, value in error.get_headers() if name == "Allow"})
    return answer, status


def _apologise(error: Exception) -> tuple[AnyResponse, int]:
    """Anything else is a mistake of ours. The log has the trace; the visitor does not."""
    current_app.logger.error("cannot answer %s %s", request.method, request.path, exc_info=error)
    return _explain_http(InternalServerError())


def _say(text: str, status: int) -> tuple[AnyResponse, int]:
    """What was wrong: for a program as JSON, for people as a page, where it can be as the form with the message."""
    answer: AnyResponse
    if request.path.startswith(("/api/", "/live/")):
        answer = jsonify(error=text)
    elif request.path == "/" and request.method == "POST":
        answer = Response(form(text), mimetype="text/html")
    else:
        answer = Response(render_template("error.html", text=text, status=status), mimetype="text/html")
    if status == 503:
        answer.headers["Retry-After"] = "1"
    return answer, status
