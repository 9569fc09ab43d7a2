"""An access code, such as for a class: it is requested once, and a signed cookie remembers that it was right."""

from __future__ import annotations

import hmac
import math
import secrets
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from cachetools import TTLCache
from flask import Blueprint, Flask, Response, current_app, jsonify, redirect, render_template, request, session
from flask.sessions import SecureCookieSessionInterface
from werkzeug.wrappers import Response as AnyResponse

from posekit.errors import PosekitError
from posekit.web.limits import visitor

access = Blueprint("access", __name__)

#: How long a browser is remembered, but not beyond the end of the server.
REMEMBERED = timedelta(hours=12)

#: How many wrong codes an address may send before it has to wait; each further one doubles the wait, up to the longest.
FREE_TRIES = 5
FIRST_WAIT = 2.0
LONGEST_WAIT = 300.0

#: How many addresses' wrong codes are counted; beyond that, the one that was wrong the longest ago is forgotten.
MAX_ADDRESSES = 10_000

#: Letters and digits without those that look alike: on a projector, O and 0 are the same.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def make_code() -> str:
    """Makes a code that can be read out and typed; there are 31⁶, 900 million."""
    return "".join(secrets.choice(ALPHABET) for _ in range(6))


class WaitError(PosekitError):
    """Too many wrong codes came from one address.

    Attributes:
        seconds: how long until the next code is checked.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = math.ceil(seconds)
        super().__init__(f"Too many wrong codes. Wait {self.seconds} s, then try again.")


class Gate:
    """Compares codes, and slows down guessing.

    Args:
        code: the right one.
        clock: returns the time in seconds.

    Raises:
        PosekitError: the code is empty.
    """

    def __init__(self, code: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        if not code.strip():
            raise PosekitError("an access code cannot be empty; leave it out, and one is made up")
        self.code = code.strip()
        self._clock = clock
        self._wrong: TTLCache[str, tuple[int, float]] = TTLCache(MAX_ADDRESSES, 2 * LONGEST_WAIT, timer=clock)
        self._lock = threading.Lock()

    def admit(self, code: str, address: str) -> bool:
        """Whether a code is right. The time that the comparison takes reveals nothing about the right one.

        Raises:
            WaitError: that address has sent too many wrong codes; this one was not checked.
        """
        with self._lock:
            tries, until = self._wrong.get(address, (0, 0.0))
            if until > self._clock():
                raise WaitError(until - self._clock())
            if hmac.compare_digest(_folded(code), _folded(self.code)):
                self._wrong.pop(address, None)
                return True
            tries += 1
            wait = min(FIRST_WAIT * 2 ** min(tries - FREE_TRIES, 99), LONGEST_WAIT) if tries >= FREE_TRIES else 0.0
            self._wrong[address] = tries, self._clock() + wait
            return False


def _folded(code: str) -> bytes:
    return code.strip().casefold().encode()


def require_code(app: Flask, gate: Gate) -> None:
    """Closes all pages and the API to browsers that have not given the code."""
    app.secret_key = secrets.token_bytes(32)
    app.permanent_session_lifetime = REMEMBERED
    app.config.update(SESSION_COOKIE_NAME="posekit", SESSION_COOKIE_SAMESITE="Strict")
    app.session_interface = _Cookies()
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False  # else thirty live frames a second would each carry a new cookie
    app.extensions["posekit-gate"] = gate
    app.register_blueprint(access)
    app.before_request(_ask)
    app.context_processor(lambda: {"locked": not session.get("admitted")})  # its pages link to nothing that would ask again


class _Cookies(SecureCookieSessionInterface):
    """Restricts the cookie to https where the page is reached over https, even if only a proxy speaks it."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


@access.post("/access")
def give() -> AnyResponse:
    """Takes the code."""
    request.max_content_length = 4096
    gate: Gate = current_app.extensions["posekit-gate"]
    try:
        admitted = gate.admit(request.form.get("code", ""), visitor())
    except WaitError as error:
        return Response(_page(str(error)), 429, {"Retry-After": str(error.seconds)})
    if not admitted:
        return Response(_page("That is not the code. Check it, and try again."), 403)
    session.permanent = True
    session["admitted"] = True
    return redirect(_local(request.form.get("next", "/")), 303)


def _ask() -> AnyResponse | None:
    if session.get("admitted") or request.blueprint == "access" or request.endpoint == "pages.front_end":
        return None
    if request.path.startswith(("/api/", "/live/", "/browser/")):
        answer: AnyResponse = jsonify(error="This server asks for an access code: open its page in this browser, or load it again.")
        answer.status_code = 403
        return answer
    return Response(_page(), 403)


def _page(error: str = "") -> str:
    wanted = request.form.get("next", "/") if request.blueprint == "access" else request.path
    return render_template("access.html", error=error, next=_local(wanted))


def _local(address: str) -> str:
    """The address if it is one of our pages, else that of the first one: a form must not redirect visitors to another site."""
    return address if address in ("/", "/live", "/kiosk", "/projector") else "/"
