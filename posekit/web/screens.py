"""For a large screen: the address of the page, for a class to scan."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, request

from posekit.web.address import qr_svg

screens = Blueprint("screens", __name__)


@screens.get("/projector")
def projector() -> str:
    """The address, large, and its QR code; the access code, which whoever sees this page has given already."""
    gate = current_app.extensions.get("posekit-gate")
    return render_template(
        "projector.html",
        address=_address(),
        code=gate and gate.code,
        fingerprint=current_app.config.get("POSEKIT_FINGERPRINT"),
    )


@screens.get("/projector/qr.svg")
def qr() -> Response:
    """The QR code of the address."""
    return Response(qr_svg(_address()), mimetype="image/svg+xml")


def _address() -> str:
    """Where others find this server; the server says so when it starts, and knows it better than whoever opens this page on it."""
    return str(current_app.config.get("POSEKIT_ADDRESS") or request.host_url)
