"""The errors of posekit. Every message says what was wrong, what was seen and what to do."""

from __future__ import annotations

import difflib
import importlib
from pathlib import Path
from typing import Any

#: Where posekit is installed from. It is in no package registry, so pip must not be given its bare name.
REPOSITORY = "https://github.com/posekit/posekit"


class PosekitError(ValueError):
    """Base of all errors that posekit raises on purpose."""


class ImageError(PosekitError):
    """A picture that cannot be read, or an array that is not one."""


class UnknownFormatError(ImageError):
    """A file that is not a picture, or whose format is not supported."""


class TooLargeError(ImageError):
    """A picture with too many pixels."""


class VideoError(PosekitError):
    """A clip that cannot be read or written."""


class UnknownModelError(PosekitError):
    """A model name that is not in the catalogue, or a file that is not MoveNet."""


class DownloadError(PosekitError):
    """A model that could not be downloaded, or whose file is not the expected one."""


class MissingExtraError(PosekitError, ImportError):
    """A required package that is not installed."""


def require(module: str, extra: str) -> Any:
    """Imports `module`, or says which extra of posekit provides it.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name != package:
            raise  # it is installed, but one of its dependencies is not
        raise MissingExtraError(f"this needs {missing(package, extra)}") from None


def missing(package: str, extra: str) -> str:
    """Says that `package` is not installed, and what to do about it."""
    return f"{package}, which is not installed: {install_command(extra)}"


def install_command(extra: str) -> str:
    """The command that installs an extra of posekit, from this clone if there is one, else from the repository."""
    source = f"posekit[{extra}] @ git+{REPOSITORY}"
    if root := clone():
        source = f"{root}[{extra}]"
    return f'pip install {"-e " * bool(root)}"{source}"'


def clone() -> Path | None:
    """The root of the clone that posekit runs from; None where it is installed as a wheel."""
    root = Path(__file__).parents[1]
    return root if (root / "pyproject.toml").is_file() else None


#: Text in the errors of requests and urllib3 → what it means.
_NETWORK_REASONS = {
    "NameResolution": "the host's name cannot be looked up (no network, or a firewall)",
    "CERTIFICATE_VERIFY_FAILED": "its certificate is not trusted; behind a proxy, name the proxy's in REQUESTS_CA_BUNDLE",
    "SSL": "no secure connection could be made",
    "Cannot connect to proxy": "the proxy lets nothing through",
    "Connection refused": "the host refuses the connection",
    "unreachable": "the network is unreachable",
    "IncompleteRead": "the download broke off in the middle",
    "Connection aborted": "the host closed the connection without an answer",
    "Connection reset": "the host closed the connection",
    "Connection broken": "the download broke off in the middle",
    "redirects": "the host redirects in circles",
    "No connection adapters": "the host redirects to something that is not a web address",
    "failed to decode": "the host's answer is malformed",
    "invalid literal": "the host's answer is malformed",
    "Invalid URL": "the address is malformed",
    "Failed to parse": "the address is malformed",
    "No host": "the address names no host",
}


def network_reason(error: Exception, timeout: float) -> str:
    """Why a download failed, in a few words instead of the nested classes of urllib3.

    Args:
        error: what requests or urllib3 raised.
        timeout: how long posekit waited for the host, in seconds.
    """
    text = str(error)
    if (answer := getattr(error, "response", None)) is not None and answer.status_code >= 400:
        return f"the host answers {answer.status_code} {answer.reason or ''}".strip()
    if "timed out" in text:
        return f"no answer within {timeout:g} s"
    known = (words for sign, words in _NETWORK_REASONS.items() if sign in text)
    return next(known, text if "HTTP" not in text else f"the connection failed ({type(error).__name__})")


def nearest(name: object, names: tuple[str, ...]) -> str:
    """A suggestion to replace `name`: the closest of `names`, then all of them."""
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    guess = f"did you mean {close[0]!r}? " if close else ""
    return f"{guess}(there are: {', '.join(names)})"
