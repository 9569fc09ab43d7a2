"""A reverse proxy in front of the server, which says whom it speaks for."""

from __future__ import annotations

import ipaddress
import re

from posekit.errors import PosekitError

#: An address with a port, as some proxies write it.
_WITH_PORT = re.compile(r"\[(.+)\](?::\d+)?|([\d.]+):\d+")


def proxy_address(text: str) -> str:
    """The address of a proxy, as the system writes it.

    Raises:
        PosekitError: it is no IP address; a name could be that of several computers.
    """
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise PosekitError(f"--proxy takes the IP address from which the proxy connects, such as 127.0.0.1, not {text!r}") from None


def forwarded_address(header: str) -> str:
    """The address that the proxy itself added to `X-Forwarded-For`, the last one: the others are what it was told.

    Empty where it is no address: else whatever somebody makes up would count as a visitor of its own.
    """
    last = header.rpartition(",")[2].strip()
    found = _WITH_PORT.fullmatch(last)
    address = found[1] or found[2] if found else last
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return ""
