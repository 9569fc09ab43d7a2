"""For large screens: the address of the page, for a class to scan; and the live picture of a museum, which runs by itself."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, render_template, request

from posekit.pose import THRESHOLD
from posekit.web import front
from posekit.web.address import is_loopback, qr_svg
from posekit.web.state import app_state

screens = Blueprint("screens", __name__)

#: Seconds without anybody in the picture after which the kiosk begins anew.
AWAY_AFTER = 60


@screens.get("/projector")
def projector() -> str:
    """The address, large, and its QR code; the access code, which whoever sees this page has given already."""
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
    """The QR code of the address."""
    return Response(qr_svg(_address()), mimetype="image/svg+xml")


@screens.get("/kiosk")
def kiosk() -> str:
    """The live picture of several people, full screen, without anything to choose."""
    offered = app_state().sessions.live
    model = next((name for name in ("multipose", "crowd") if name in offered), offered[0])  # the faster one first
    settings = {"models": [model], "threshold": THRESHOLD, "exercises": []}
    return render_template("kiosk.html", settings=json.dumps(settings), away=AWAY_AFTER, modules=front.modules("kiosk"))


def _address() -> str:
    """Where others find this server; the server says so when it starts, and knows it better than whoever opens this page on it."""
    return str(current_app.config.get("POSEKIT_ADDRESS") or request.host_url)
