"""`posekit serve`: serves pages for a browser."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from posekit.cli.options import add_model
from posekit.errors import require


def add(commands: Any) -> None:
    """Adds the command."""
    serve = commands.add_parser("serve", help="serve pages for photos and a live camera, and an API")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0: all (default: this computer only)")
    serve.add_argument("--port", type=int, default=8000, help="0: any free one (default: %(default)s)")
    add_model(serve)
    text = "models that visitors may choose for their live picture (default: all that are on this computer)"
    serve.add_argument("--live-models", nargs="+", default=[], metavar="MODEL", help=text)
    serve.add_argument("--camera", metavar="N|CLIP", help="show this computer's camera N, or a clip, to visitors who want it")
    serve.add_argument("--name", action="append", default=[], help="a host name that visitors use, as behind a proxy; repeatable")
    serve.add_argument("--proxy", metavar="ADDRESS", help="trust X-Forwarded-For from the reverse proxy at this address")
    text = "ask visitors for this code, once per browser; without CODE, one is made up and printed"
    serve.add_argument("--access-code", nargs="?", const="", metavar="CODE", help=text)
    text = "encrypt, with a certificate that posekit makes and keeps; browsers open a visitor's camera on https pages only"
    serve.add_argument("--https", action="store_true", help=text)
    text = "use https with this certificate and its key (PEM)"
    serve.add_argument("--certificate", nargs=2, type=Path, metavar=("FILE", "KEY"), help=text)
    serve.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Serves until it is interrupted."""
    require("uvicorn", extra="web")
    from posekit.web.access import make_code
    from posekit.web.server import serve

    serve(
        host=options.host,
        port=options.port,
        model=options.model,
        live_models=options.live_models,
        camera=options.camera,
        host_names=options.name,
        proxy=options.proxy,
        https=options.https,
        certificate=tuple(options.certificate) if options.certificate else None,
        access_code=make_code() if options.access_code == "" else options.access_code,
    )
