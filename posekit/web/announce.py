"""What `posekit serve` prints in the terminal."""

from __future__ import annotations

import sys

from posekit.web.address import qr_text


def warning(access_code: str | None, *, https: bool = False) -> str:
    """What the user should know before everybody in the network can reach the page."""
    who = "who has the access code" if access_code else "who can reach this computer"
    secret = "" if access_code else " There is no access code (--access-code asks for one)."
    return f"""posekit: everybody {who} can use this page. They can send photos, and watch its camera if it
shows one.{secret}{"" if https else PLAIN}"""


PLAIN = """ Nothing is encrypted: use it in a network that you trust, or with --https.
A visitor's own camera works on https pages and on this computer only; browsers allow it nowhere else."""


def announce(address: str | None, access_code: str | None, fingerprint: str | None = None) -> None:
    """Prints what others need: the address, also as a QR code where the terminal can show it, and the access code."""
    if address:
        print(f"posekit: others find it at {address}; for a projector: {address}projector", flush=True)
        if sys.stdout.isatty() and _can_print("█▀▄"):
            print(qr_text(address), flush=True)
    if access_code:
        print(f"posekit: the access code is {access_code}", flush=True)
    if fingerprint:
        print("posekit: browsers will warn that no authority signed the certificate. The right one has this SHA-256 fingerprint:")
        print(fingerprint, flush=True)


def _can_print(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
