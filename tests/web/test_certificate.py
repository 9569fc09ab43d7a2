import ssl
import stat
import sys
from datetime import timedelta

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from posekit.errors import PosekitError
from posekit.web import certificate as module
from posekit.web.certificate import check_pair, fingerprint, own_certificate

NAMES = ["localhost", "127.0.0.1", "::1", "192.168.1.5", "pose.example.org"]


@pytest.fixture
def pair(tmp_path):
    return own_certificate(tmp_path / "https", NAMES)


def read(certificate):
    return x509.load_pem_x509_certificate(certificate.read_bytes())


def test_it_is_for_all_its_names_and_no_longer_than_browsers_take(pair):
    found = read(pair[0])
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    here = {str(name.value) for name in names}
    assert here == set(NAMES)
    assert found.not_valid_after_utc - found.not_valid_before_utc <= timedelta(days=398)


def test_a_client_that_trusts_it_can_talk_to_it(pair):
    """A handshake in memory, which checks the name."""
    client, server = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*pair)
    client.load_verify_locations(pair[0])
    client.verify_flags = (client.verify_flags & ~0x20) | 0x80000  # trusted by itself (X509_V_FLAG_PARTIAL_CHAIN), not strictly
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(to_client, to_server, server_hostname="192.168.1.5")
    other = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (one, other):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert one.version().startswith("TLS")
    assert one.getpeercert(binary_form=True) == ssl.PEM_cert_to_DER_cert(pair[0].read_text())


def test_its_fingerprint_is_that_of_browsers(pair):
    assert fingerprint(pair[0]).replace(":", "").lower() == read(pair[0]).fingerprint(hashes.SHA256()).hex()
    assert fingerprint(pair[0]).count(":") == 31


def test_it_is_kept(pair):
    before = pair[0].read_bytes()
    assert own_certificate(pair[0].parent, NAMES[1:3]) == pair
    assert pair[0].read_bytes() == before


@pytest.mark.parametrize("reason", ["a new name", "soon over", "no key", "another key", "rubbish"])
def test_it_is_made_again_where_it_cannot_be_used(pair, tmp_path, reason, monkeypatch):
    before, names = pair[0].read_bytes(), NAMES
    if reason == "a new name":
        names = [*NAMES, "10.0.0.1"]
    elif reason == "soon over":
        monkeypatch.setattr(module, "LEAST_LEFT", module.VALID + timedelta(days=1))
    elif reason == "no key":
        pair[1].unlink()
    elif reason == "another key":
        pair[1].write_bytes(own_certificate(tmp_path / "other", NAMES)[1].read_bytes())
    else:
        pair[0].write_text("hello")
    own_certificate(pair[0].parent, names)
    assert pair[0].read_bytes() != before
    check_pair(*pair)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_nobody_else_can_read_the_key(pair):
    assert stat.S_IMODE(pair[1].stat().st_mode) == 0o600
    assert sorted(path.name for path in pair[1].parent.iterdir()) == ["certificate.pem", "key.pem"]


def test_files_that_do_not_fit_are_refused_in_words(pair, tmp_path):
    other = own_certificate(tmp_path / "other", NAMES)
    with pytest.raises(PosekitError, match="not a certificate and its key"):
        check_pair(pair[0], other[1])
    with pytest.raises(PosekitError, match="cannot read"):
        check_pair(pair[0], tmp_path / "missing.pem")
    key = serialization.load_pem_private_key(pair[1].read_bytes(), None)
    secret = serialization.BestAvailableEncryption(b"x")
    pair[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret))
    with pytest.raises(PosekitError, match="password"):
        check_pair(*pair)


def test_a_chain_of_ones_own_files_has_the_fingerprint_of_its_first(tmp_path):
    made = trustme.CA().issue_cert("a.test")
    chain = tmp_path / "chain.pem"
    chain.write_bytes(b"A comment\n" + made.cert_chain_pems[0].bytes() + trustme.CA().cert_pem.bytes())
    first = x509.load_pem_x509_certificate(made.cert_chain_pems[0].bytes())
    assert fingerprint(chain).replace(":", "").lower() == first.fingerprint(hashes.SHA256()).hex()


def test_a_folder_that_cannot_be_written_is_explained(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PosekitError, match="cannot keep a certificate"):
        own_certificate(tmp_path / "file" / "https", NAMES)
