"""A reverse proxy in front of the server, which says for which visitor it speaks."""

from __future__ import annotations

import ipaddress
import re

from posekit.errors import PosekitError

#: An address with a port, as some proxies write it.
_WITH_PORT = re.compile(r"\[(.+)\](?::\d+)?|([\d.]+):\d+")


def proxy_address(text: str) -> str:
    """The address of a proxy, in the form in which the system writes it.

    Raises:
        PosekitError: it is not an IP address; a name could be that of several computers.
    """
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise PosekitError(f"--proxy takes the IP address from which the proxy connects, such as 127.0.0.1, not {text!r}") from None


def forwarded_address(header: str) -> str:
    """The last address in `X-Forwarded-For`, which the proxy itself added; the others are only what it was told.

    It is empty if that is not an address; otherwise anything that somebody makes up would count as a separate visitor.
    """
    last = header.rpartition(",")[2].strip()
    found = _WITH_PORT.fullmatch(last)
    address = found[1] or found[2] if found else last
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return ""
