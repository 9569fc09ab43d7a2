"""https without a certificate authority: the server's own certificate, which is kept, so that browsers must trust it only once."""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from posekit.atomic import replacing
from posekit.errors import PosekitError, require

#: Browsers refuse certificates that are valid for longer than 398 days (CA/Browser Forum, Baseline Requirements 6.3.2).
VALID = timedelta(days=396)

#: A certificate that expires sooner than this is replaced.
LEAST_LEFT = timedelta(days=30)


def own_folder() -> Path:
    """The folder where the server's own certificate is kept."""
    from platformdirs import user_data_path

    return user_data_path("posekit") / "https"


def own_certificate(folder: Path, names: Sequence[str]) -> tuple[Path, Path]:
    """The files of a certificate and of its key, as PEM; they are created again if they lack a name or will soon expire.

    Args:
        folder: the folder, which is created if it is missing. Nobody but its owner can read the key.
        names: host names and IP addresses under which the server is reached.

    Raises:
        PosekitError: the folder cannot be written.
        MissingExtraError: `posekit[web]` is not installed.
    """
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not _serves(certificate, key, names):
        try:
            _make(certificate, key, names)
        except OSError as error:
            raise PosekitError(f"cannot keep a certificate in {folder}: {error.strerror or error}") from error
    return certificate, key


def check_pair(certificate: Path, key: Path) -> None:
    """Raises PosekitError unless the two files are a certificate and its key, as PEM, without a password."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=_refuse)
    except ssl.SSLError as error:
        reason = (error.reason or "not PEM").replace("_", " ").lower()
        raise PosekitError(f"{certificate} and {key} are not a certificate and its key: {reason}") from error
    except OSError as error:
        raise PosekitError(f"cannot read {certificate} or {key}: {error.strerror or error}") from error


def fingerprint(certificate: Path) -> str:
    """The SHA-256 of a certificate, as browsers show it: 32 hexadecimal numbers."""
    first = certificate.read_text().partition("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n"
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(first[first.index("-----BEGIN CERTIFICATE-----") :]))
    return digest.digest().hex(":").upper()


def _make(certificate: Path, key: Path, names: Sequence[str]) -> None:
    trustme = require("trustme", extra="web")
    now = datetime.now(timezone.utc)
    made = trustme.CA(organization_name="posekit").issue_cert(
        *names, not_before=now - timedelta(days=1), not_after=now + VALID, organization_name="posekit"
    )
    key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with replacing(key) as part:
        part.chmod(0o600)
        part.write_bytes(made.private_key_pem.bytes())
    with replacing(certificate) as part:
        part.write_bytes(made.cert_chain_pems[0].bytes())


def _serves(certificate: Path, key: Path, names: Sequence[str]) -> bool:
    """Whether the files can be used for all these names, and will not expire soon."""
    from cryptography import x509

    try:
        check_pair(certificate, key)
        read = x509.load_pem_x509_certificate(certificate.read_bytes())
        known = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (PosekitError, OSError, ValueError, x509.ExtensionNotFound):
        return False
    here = {*map(str, known.get_values_for_type(x509.IPAddress)), *known.get_values_for_type(x509.DNSName)}
    lasts = read.not_valid_after_utc > datetime.now(timezone.utc) + LEAST_LEFT
    return lasts and {_normal(each) for each in names} <= here


def _normal(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name


def _refuse() -> bytes:
    raise OSError(0, "the key has a password; give a key without one")
