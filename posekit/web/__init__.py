"""posekit in the browser, without notebooks: a page for a photo, a page for a live picture, an API. `posekit serve` starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posekit.errors import require

if TYPE_CHECKING:
    from flask import Flask


def create_app(**settings: Any) -> Flask:
    """The Flask application: see `posekit.web.app.create_app` for the settings.

    Raises:
        MissingExtraError: Flask is not installed.
    """
    require("flask", extra="web")
    from posekit.web.app import create_app as make

    return make(**settings)


__all__ = ["create_app"]
