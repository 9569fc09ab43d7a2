"""`posekit serve`: pages for a browser."""

from __future__ import annotations

import argparse
from typing import Any

from posekit.cli.options import add_model


def add(commands: Any) -> None:
    """Adds the command."""
    serve = commands.add_parser("serve", help="pages for a browser: a photo and its pose, a live picture; and an API")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 is all (default: this computer alone)")
    serve.add_argument("--port", type=int, default=8000, help="0 takes any that is free (default: %(default)s)")
    add_model(serve)
    serve.add_argument("--camera", metavar="N|CLIP", help="show this computer's camera N, or a clip, to visitors who want it")
    serve.add_argument("--name", action="append", default=[], help="a host name of this computer, as behind a proxy; repeatable")
    serve.add_argument("--proxy", metavar="ADDRESS", help="believe this reverse proxy who a visitor is (X-Forwarded-For)")
    serve.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Serves until it is interrupted."""
    from posekit.web.server import serve

    serve(
        host=options.host,
        port=options.port,
        model=options.model,
        camera=options.camera,
        host_names=options.name,
        proxy=options.proxy,
    )
