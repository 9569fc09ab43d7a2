"""The Flask application: routes, limits, headers, errors."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from flask import Flask, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import Forbidden, HTTPException, InternalServerError
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.wrappers import Response as AnyResponse

from posekit.errors import ImageError, PosekitError, TooLargeError, UnknownFormatError
from posekit.web.access import Gate, require_code
from posekit.web.api import api
from posekit.web.browser import browser
from posekit.web.clip_pages import clip_pages
from posekit.web.limits import BusyError
from posekit.web.pages import form, pages
from posekit.web.screens import screens
from posekit.web.state import AppState
from posekit.web.uploads import MAX_FORM, MAX_UPLOAD_BYTES

HEADERS = {
    # Scripts and styles are our own files; a model in the browser is WebAssembly. Workers are blobs: a widget's front end is one
    # script, without files beside it.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
        "img-src 'self' blob: data:; media-src 'self'; connect-src 'self'; "
        "worker-src blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

#: What visitors read instead of Werkzeug's messages, which are meant for programmers.
MESSAGES = {
    400: "This server cannot make sense of that request.",
    404: "There is no such page here.",
    405: "This address does not support that.",
    413: f"That file is too large: {MAX_UPLOAD_BYTES >> 20} MB are allowed. Send a smaller picture.",
    416: "The file has no such part.",
    500: "Something went wrong here. It has been written into the server's log; please try again.",
}


def create_app(
    *,
    model: str = "lightning",
    live_models: Sequence[str] = (),
    camera: str | None = None,
    host_names: Sequence[str] = (),
    any_address: bool = False,
    access_code: str | None = None,
) -> Flask:
    """Makes the application.

    Args:
        model: a name for `load_model`.
        live_models: the models that visitors may choose for a live picture; by default all that are on this computer.
        camera: the server's camera, for `/video_feed`: its number, or the path of a clip.
        host_names: names under which the server is reached besides `localhost`, for instance behind a proxy.
        any_address: whether it may be reached under any IP address, not only under this computer's own loopback addresses.
        access_code: what visitors must type before they see anything.

    Raises:
        PosekitError: the model cannot be loaded, the clip cannot be read, or the access code is empty.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES + MAX_FORM, MAX_FORM_PARTS=100)
    gate = None if access_code is None else Gate(access_code)
    app.extensions["posekit"] = AppState.start(model, camera, live_models)
    for blueprint in (api, browser, clip_pages, pages, screens):
        app.register_blueprint(blueprint)
    trusted = ["localhost", *(name.lower() for name in host_names)]
    app.before_request(lambda: _refuse_unknown_hosts(trusted, any_address))
    app.before_request(_refuse_other_sites)
    if gate:
        require_code(app, gate)
    app.after_request(_add_headers)
    app.register_error_handler(PosekitError, _explain)
    app.register_error_handler(HTTPException, _explain_http)
    app.register_error_handler(Exception, _explain_bug)
    return app


def _refuse_unknown_hosts(trusted: Sequence[str], any_address: bool) -> None:
    """Prevents DNS rebinding, where a page of another site makes its own name lead to this server, by accepting known names only.

    Flask's `TRUSTED_HOSTS` does the same for names, but it supports neither IPv6 addresses, nor capitals, nor "any address".
    """
    host = request.headers.get("Host", "").lower()
    if not host_is_trusted(host, trusted) and not _is_our_address(host, any_address):
        raise Forbidden(f"This server does not answer to the name {host!r}. If it should: posekit serve --name NAME.")


def _is_our_address(host: str, any_address: bool) -> bool:
    try:
        address = ipaddress.ip_address(_split(f"//{host}").hostname or "")
    except ValueError:
        return False
    return any_address or address.is_loopback


def _refuse_other_sites() -> None:
    """Refuses requests of other sites: they may link here, but not use a visitor's browser to send pictures or open the camera."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    harmless = request.method in ("GET", "HEAD", "OPTIONS") and request.path != "/video_feed"
    if not harmless and site not in (None, "same-origin", "none"):
        raise Forbidden("That came from another website, which may not use this one.")
    if request.method == "POST" and origin is not None and _split(origin).netloc.lower() != request.host.lower():
        raise Forbidden("That came from another website, which may not use this one.")


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # brackets that are not an IPv6 address
        return urlsplit("")


def _add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")  # what one visitor sees is not for others, nor for later
    return response


def _explain(error: PosekitError) -> tuple[AnyResponse, int]:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 400)
    return _respond(str(error), status, getattr(error, "retry_after", 1))


_STATUS = {BusyError: 503, TooLargeError: 413, UnknownFormatError: 415, ImageError: 422}


def _explain_http(error: HTTPException) -> tuple[AnyResponse, int]:
    status = error.code or 500
    if status < 400:  # redirections by Flask
        return error.get_response(), status
    own = error.description if error.description != type(error).description else None
    response, _ = _respond(own or MESSAGES.get(status) or error.name, status)
    response.headers.update({name: value for name, value in error.get_headers() if name in ("Allow", "Content-Range")})
    return response, status


def _explain_bug(error: Exception) -> tuple[AnyResponse, int]:
    """Any other error is a bug of ours. The log gets the traceback; the visitor does not."""
    current_app.logger.error("cannot answer %s %s", request.method, request.path, exc_info=error)
    return _explain_http(InternalServerError())


def _respond(text: str, status: int, retry_after: int = 1) -> tuple[AnyResponse, int]:
    """Says what was wrong: to programs as JSON, to people as a page, which is the form again if they came from there."""
    response: AnyResponse
    if request.path.startswith(("/api/", "/live/", "/browser/")):
        response = jsonify(error=text)
    elif request.path in ("/", "/clips") and request.method == "POST":
        response = Response(form(text), mimetype="text/html")
    else:
        response = Response(render_template("error.html", text=text, status=status), mimetype="text/html")
    if status == 503:
        response.headers["Retry-After"] = str(retry_after)
    return response, status
