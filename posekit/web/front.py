"""The front end's files as pages load them, read once: for each page, that would take twenty milliseconds."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

from posekit.frontend import assets


@cache
def modules(name: str) -> tuple[str, ...]:
    """As `assets.modules`."""
    return tuple(assets.modules(name))


@cache
def file(name: str) -> tuple[bytes, str]:
    """The content of a file of `assets.FILES`, and an ETag for it."""
    content = assets.text(name).encode()
    return content, sha256(content).hexdigest()[:32]
