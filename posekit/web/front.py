"""The front end's files as pages load them, read only once, since reading them takes twenty milliseconds."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

from posekit.frontend import assets


@cache
def modules(name: str) -> tuple[str, ...]:
    """The modules that `name` needs; see `assets.modules`."""
    return tuple(assets.modules(name))


@cache
def file(name: str) -> tuple[bytes, str]:
    """The content of a file of `assets.FILES`, and an ETag for it."""
    content = assets.text(name).encode()
    return content, sha256(content).hexdigest()[:32]
