"""Pages for large screens: the address, for a class to scan; and a live picture for a museum, which runs by itself."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, render_template, request

from posekit.pose import THRESHOLD
from posekit.web import front
from posekit.web.address import is_loopback, qr_svg
from posekit.web.state import app_state

screens = Blueprint("screens", __name__)

#: Seconds without anybody in the picture after which the kiosk restarts.
AWAY_AFTER = 60


@screens.get("/projector")
def projector() -> str:
    """Shows the address, its QR code, and the access code, which everyone who sees this page has already given."""
    gate = current_app.extensions.get("posekit-gate")
    address = _address()
    return render_template(
        "projector.html",
        address=address,
        alone=is_loopback(urlsplit(address).hostname or ""),
        code=gate and gate.code,
        fingerprint=current_app.config.get("POSEKIT_FINGERPRINT"),
    )


@screens.get("/projector/qr.svg")
def qr() -> Response:
    """Sends the QR code of the address."""
    return Response(qr_svg(_address()), mimetype="image/svg+xml")


@screens.get("/kiosk")
def kiosk() -> str:
    """Shows the live picture of several people, full screen, without any choices."""
    offered = app_state().sessions.live
    model = next((name for name in ("multipose", "crowd") if name in offered), offered[0])  # the faster one is preferred
    settings = {"models": [model], "threshold": THRESHOLD, "exercises": []}
    return render_template("kiosk.html", settings=json.dumps(settings), away=AWAY_AFTER, modules=front.modules("kiosk"))


def _address() -> str:
    """The address under which others reach this server: the one determined at its start, if known, since this page may be local."""
    return str(current_app.config.get("POSEKIT_ADDRESS") or request.host_url)
