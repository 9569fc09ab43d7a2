"""`posekit serve`: runs the application behind uvicorn until Ctrl-C."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit.errors import PosekitError, require
from posekit.web import create_app
from posekit.web.address import is_loopback, network_address, own_host, page_address, public_host
from posekit.web.announce import announce, warning
from posekit.web.certificate import check_pair, fingerprint, own_certificate, own_folder
from posekit.web.decoding import return_memory
from posekit.web.proxy import proxy_address
from posekit.web.sessions import MAX_FRAMES
from posekit.web.state import MAX_PHOTOS

if TYPE_CHECKING:
    from posekit.web.bridge import Bridge

#: More threads than photos and live frames may occupy, so that one is always free to say that the server is busy.
THREADS = MAX_FRAMES + MAX_PHOTOS + 8

#: How many seconds a thread may keep the interpreter's lock from others. A live frame takes the lock a dozen times; with Python's
#: default of 0.005, one thread that renders pages would delay it by 60 ms.
SWITCH_INTERVAL = 0.0005

#: How many seconds stopping waits for requests to end.
STOP_TIMEOUT = 2


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    model: str = "lightning",
    live_models: Sequence[str] = (),
    camera: str | None = None,
    host_names: Sequence[str] = (),
    proxy: str | None = None,
    access_code: str | None = None,
    https: bool = False,
    certificate: tuple[Path, Path] | None = None,
) -> None:
    """Serves until it is interrupted; then it stops within seconds, and deletes every photo.

    Args:
        host: the address to listen on; `"0.0.0.0"` for everybody in the network.
        port: the port to listen on; 0 for any that is free.
        model: a name for `load_model`.
        live_models: see `create_app`.
        camera: see `create_app`.
        host_names: see `create_app`.
        proxy: the IP address of a reverse proxy whose `X-Forwarded-For` says who a visitor is. Without it, everybody behind a
            proxy counts as one visitor.
        access_code: see `create_app`.
        https: whether to use https with the server's own certificate, which is kept for the next time.
        certificate: the files of a certificate and its key, as PEM, to use https with these instead.

    Raises:
        PosekitError: it cannot listen there, the proxy is not an address, the certificate cannot be used, or as for `create_app`.
    """
    require("uvicorn", extra="web")
    from posekit.web.bridge import Bridge

    _set_up_process()
    proxy = proxy and proxy_address(proxy)
    public = not is_loopback(host)
    files = _https_files(host, host_names, https, certificate)
    scheme = "https" if files else "http"
    listener = _listen(host, port)
    port = listener.getsockname()[1]
    app = create_app(
        model=model,
        live_models=live_models,
        camera=camera,
        host_names=host_names,
        any_address=public,
        access_code=access_code,
    )
    state, bridge = app.extensions["posekit"], Bridge(app, THREADS, proxy)
    address = page_address(scheme, public_host(host, host_names), port) if public else None
    shown = fingerprint(files[0]) if files and not certificate else None  # an authority's signature makes comparing by eye needless
    app.config.update(POSEKIT_ADDRESS=address, POSEKIT_FINGERPRINT=shown)

    def started() -> None:
        if public:
            print(warning(access_code, https=bool(files)), file=sys.stderr, flush=True)
        print(f"posekit: open {page_address(scheme, own_host(host), port)} in a browser; Ctrl-C stops it.", flush=True)
        announce(address, access_code, shown)

    try:
        state.decoder.start()
        make_server(bridge, proxy, started, state.stop, files).run([listener])
    except KeyboardInterrupt:  # before the server has installed its handlers
        pass
    finally:
        with _uninterrupted():
            bridge.close()
            state.close()
    print("posekit: stopped; every photo is deleted.", flush=True)


def _set_up_process() -> None:
    return_memory()
    sys.setswitchinterval(SWITCH_INTERVAL)


def _https_files(
    host: str, host_names: Sequence[str], https: bool, certificate: tuple[Path, Path] | None
) -> tuple[Path, Path] | None:
    if certificate:
        check_pair(*certificate)
        return certificate
    names = ["localhost", "127.0.0.1", "::1", network_address(), public_host(host, host_names), *host_names]
    return own_certificate(own_folder(), list(dict.fromkeys(names))) if https else None


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port < 2**16:
        raise PosekitError(f"there is no port {port}; they go from 1 to 65535, and 0 is any that is free")
    try:
        found = sorted(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))  # IPv4 before IPv6, if a name has both
        return socket.create_server(found[0][4][:2], family=found[0][0], backlog=512)
    except (OSError, ValueError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise PosekitError(f"cannot listen on {host}:{port}: {why}; choose another --port or --host") from None


def make_server(
    bridge: Bridge,
    proxy: str | None,
    started: Callable[[], None],
    stopping: Callable[[], None],
    https: tuple[Path, Path] | None = None,
) -> Any:
    """A `uvicorn.Server`, whose `run([socket])` serves until SIGINT or SIGTERM; a second signal changes nothing.

    Args:
        bridge: the application.
        proxy: as for `serve`.
        started: called when it listens.
        stopping: called on the signal.
        https: the files of a certificate and its key; None for plain http.
    """
    import uvicorn

    from posekit.web.connections import Connection, connection_limit

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started()

        def handle_exit(self, sig: int, frame: Any) -> None:
            stopping()
            self.should_exit = True

    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # hostile requests, and those ended by stopping, are not worth a line
    protocol: Any = partial(Connection, connection_limit(), proxy)
    config = uvicorn.Config(
        bridge,
        http=protocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_TIMEOUT,
        h11_max_incomplete_event_size=2**15,
        ssl_certfile=https and https[0],
        ssl_keyfile=https and https[1],
    )
    return Server(config)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ignores Ctrl-C during the block."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread gets signals
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
