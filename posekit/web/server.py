"""`posekit serve`: the application behind waitress, until Ctrl-C."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from posekit.errors import PosekitError, require
from posekit.web import create_app
from posekit.web.address import is_loopback, own_host, page_address, public_host
from posekit.web.announce import announce, warning
from posekit.web.decoding import return_memory
from posekit.web.feed import MAX_VIEWERS
from posekit.web.sessions import MAX_FRAMES
from posekit.web.state import MAX_PHOTOS

#: Threads beside the viewers of the camera, each of whom has one: more than photos and live frames may occupy, so that one is
#: always free to say that the server is busy.
THREADS = MAX_FRAMES + MAX_PHOTOS + 8

#: Seconds that stopping waits for requests to end.
STOP_TIMEOUT = 2.0

#: How waitress is started. Bodies larger than 512 kB are in files without names. For a viewer of the camera who is slow, one frame
#: waits at most, so nobody sees old ones.
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
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    model: str = "lightning",
    camera: str | None = None,
    host_names: Sequence[str] = (),
    proxy: str | None = None,
    access_code: str | None = None,
) -> None:
    """Serves until it is interrupted; within seconds it has stopped then, and every photo is deleted.

    Args:
        host: address to listen on; `"0.0.0.0"` for everybody in the network.
        port: 0 for any that is free.
        model: a name for `load_model`.
        camera: see `create_app`.
        host_names: see `create_app`.
        proxy: address of a reverse proxy whose `X-Forwarded-For` says who a visitor is. Without it, everybody behind a proxy
            counts as one visitor.
        access_code: see `create_app`.

    Raises:
        PosekitError: it cannot listen there, or as `create_app`.
    """
    waitress = require("waitress", extra="web")
    if not 0 <= port < 2**16:  # waitress would take another one
        raise PosekitError(f"there is no port {port}; they go from 1 to 65535, and 0 is any that is free")
    return_memory()
    public = not is_loopback(host)
    app = create_app(model=model, camera=camera, host_names=host_names, any_address=public, access_code=access_code)
    state = app.extensions["posekit"]
    try:
        server = _listen(waitress, app, host, port, proxy)
        addresses = getattr(server, "effective_listen", None) or [(server.effective_host, server.effective_port)]
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: _interrupt(state))
        state.decoder.start()
        with suppress(KeyboardInterrupt):
            if public:
                print(warning(access_code), file=sys.stderr, flush=True)
            print(
                f"posekit: open {page_address('http', own_host(host), addresses[0][1])} in a browser; Ctrl-C stops it.",
                flush=True,
            )
            if public:
                app.config["POSEKIT_ADDRESS"] = page_address("http", public_host(host, host_names), addresses[0][1])
            announce(app.config.get("POSEKIT_ADDRESS"), access_code)
            server.run()
        server.close()
    finally:
        state.close()
    print("posekit: stopped; every photo is deleted.", flush=True)


def _listen(waitress: Any, app: Any, host: str, port: int, proxy: str | None) -> Any:
    # Only a proxy that was named is believed. It is the nearest one, so what others before it claim does not count.
    forwarded = {"trusted_proxy": proxy, "trusted_proxy_headers": {"x-forwarded-for"}} if proxy else {}
    try:
        server = waitress.create_server(app, host=host, port=port, **OPTIONS, **forwarded)
    except (OSError, ValueError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise PosekitError(f"cannot listen on {host}:{port}: {why}; choose another --port or --host") from None
    logging.getLogger("waitress").setLevel(logging.ERROR)  # requests that wait for a moment, or that stopping ends, are no news
    server.task_dispatcher.shutdown = partial(server.task_dispatcher.shutdown, timeout=STOP_TIMEOUT)
    return server


def _interrupt(state: Any) -> None:
    """Stops the server; pressing Ctrl-C again meanwhile changes nothing."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if state.feed:  # viewers of the camera would never leave by themselves
        state.feed.closing = True
    raise KeyboardInterrupt
