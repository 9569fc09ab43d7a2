"""What a visitor's browser needs to run a model itself."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from posekit.estimate.in_browser import BROWSER_MODELS, browser_file, browser_model, refusal

browser = Blueprint("browser", __name__)


@browser.get("/browser/<name>.json")
def about(name: str) -> dict[str, Any] | tuple[dict[str, Any], int]:
    """Tells a browser what it must know to run that model."""
    if name not in BROWSER_MODELS:
        return {"error": f"{refusal(name[:40])}."}, 404
    return browser_model(name).about


@browser.get("/browser/<digest>")
def file(digest: str) -> Response:
    """Sends a file that a model in the browser needs, by the SHA-256 of its content."""
    found = browser_file(digest)
    if found is None:
        raise NotFound
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(found.content, mimetype="application/octet-stream", headers=headers)
