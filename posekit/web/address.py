"""The address under which others reach this server, and its QR code."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from contextlib import closing
from io import BytesIO, StringIO

from posekit.errors import require

#: An address that is reserved for documentation (RFC 5737), which no network has.
_ELSEWHERE = ("192.0.2.1", 9)


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach that host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def own_host(host: str) -> str:
    """The host to type on this computer to reach a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (nothing listens here)


def public_host(host: str, names: Sequence[str] = ()) -> str:
    """The host that others type to reach a server that listens on `host`: its first name, or its address in the network."""
    if names:
        return names[0]
    return network_address() if host in ("0.0.0.0", "::", "") else host  # noqa: S104 (nothing listens here)


def network_address() -> str:
    """This computer's address in its network, or its loopback address where it has none.

    The system says from which address it would send to another network. Nothing is sent.
    """
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def page_address(scheme: str, host: str, port: int) -> str:
    """The address of the first page, without the port where it is the default one."""
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}/" if port == {"http": 80, "https": 443}[scheme] else f"{scheme}://{name}:{port}/"


def qr_svg(text: str) -> bytes:
    """A QR code as SVG, dark on light with a quiet zone, so that phones can read it even in dark mode."""
    file = BytesIO()
    require("segno", extra="web").make(text, error="m", micro=False).save(file, kind="svg", light="#fff", scale=8, svgversion=1.1)
    return file.getvalue()


def qr_text(text: str) -> str:
    """A QR code for a terminal, in half blocks; full blocks are its light squares."""
    file = StringIO()
    require("segno", extra="web").make(text, error="l", micro=False).terminal(file, compact=True)
    return file.getvalue()
