"""`posekit serve`: the application behind waitress, until Ctrl-C."""

from __future__ import annotations

import ctypes
import ipaddress
import logging
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from posekit.errors import PosekitError, require
from posekit.web import create_app
from posekit.web.feed import MAX_VIEWERS

#: Threads beside the viewers of the camera, each of whom has one: more than may wait for a worker, so that one is always free to
#: say that all are busy.
THREADS = 32

#: How waitress is started. Bodies larger than 512 kB lie in files that have no name; of the server's camera no more than that waits
#: for a slow viewer, and so none of it ever does.
OPTIONS: dict[str, Any] = {
    "threads": THREADS + MAX_VIEWERS,
    "connection_limit": 200,
    "recv_bytes": 2**18,  # at a time; the usual 8 kB made eight clients with photos a tenth slower
    "channel_timeout": 30,  # seconds of silence
    "cleanup_interval": 10,
    "max_request_body_size": 2**25,  # over the application's own limit, whose answer is the nicer one
    "max_request_header_size": 2**15,
    "outbuf_high_watermark": 2**19,
    "ident": None,
}


def serve(
    *, host: str = "127.0.0.1", port: int = 8000, model: str = "lightning", camera: str | None = None, names: Sequence[str] = ()
) -> None:
    """Serves until it is interrupted; then every photo is deleted.

    Args:
        host: address to listen at; `"0.0.0.0"` for everybody in the network.
        port: 0 for any that is free.
        model: a name for `load_model`.
        camera: see `create_app`.
        names: see `create_app`.

    Raises:
        PosekitError: it cannot listen there, or as `create_app`.
    """
    waitress = require("waitress", extra="web")
    if not 0 <= port < 2**16:  # waitress would take another one
        raise PosekitError(f"there is no port {port}; they go from 1 to 65535, and 0 is any that is free")
    _give_memory_back()
    everybody = not _is_loopback(host)
    app = create_app(model=model, camera=camera, names=names, everybody=everybody)
    state = app.extensions["posekit"]
    try:
        server = _listening(waitress, app, host, port)
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # requests that wait for a moment are no news
        where = getattr(server, "effective_listen", None) or [(server.effective_host, server.effective_port)]
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: _interrupt(state))
        with suppress(KeyboardInterrupt):
            if everybody:
                print(WARNING, file=sys.stderr, flush=True)
            print(f"posekit: open http://{_shown(host)}:{where[0][1]}/ in a browser; Ctrl-C ends it.", flush=True)
            server.run()
        server.close()
    finally:
        state.close()
    print("posekit: stopped; every photo is deleted.", flush=True)


WARNING = """posekit: this is open to everybody who can reach this computer. They can send photos, and watch its camera if it
shows one. There is no password, and nothing is encrypted: use it in a network that you trust, or behind a proxy with https.
A visitor's own camera works on https pages and on this computer only; browsers give it to no other."""


def _give_memory_back() -> None:
    """Keeps glibc from learning to keep the memory of large pictures: after hostile uploads it held 2.5 times as much, for ever."""
    with suppress(OSError, AttributeError):  # elsewhere there is another malloc
        ctypes.CDLL("libc.so.6").mallopt(-3, 2**20)  # M_MMAP_THRESHOLD: what is larger goes back at once


def _listening(waitress: Any, app: Any, host: str, port: int) -> Any:
    try:
        return waitress.create_server(app, host=host, port=port, **OPTIONS)
    except (OSError, ValueError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise PosekitError(f"cannot listen at {host}:{port}: {why}; choose another --port or --host") from None


def _interrupt(state: Any) -> None:
    """Viewers of the camera would never end by themselves."""
    if state.feed:
        state.feed.closing = True
    raise KeyboardInterrupt


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _shown(host: str) -> str:
    """The host for a person's browser."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
