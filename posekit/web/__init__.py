"""posekit in the browser, without notebooks: pages for photos, clips and a live picture, and an API; see `posekit serve`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posekit.errors import require

if TYPE_CHECKING:
    from flask import Flask


def create_app(**settings: Any) -> Flask:
    """Creates the Flask application; see `posekit.web.app.create_app` for the settings.

    Raises:
        MissingExtraError: Flask is not installed.
    """
    require("flask", extra="web")
    from posekit.web.app import create_app as make

    return make(**settings)


__all__ = ["create_app"]
