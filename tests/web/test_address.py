from ipaddress import ip_address

import cv2
import numpy as np
import pytest

from posekit.web.address import is_loopback, network_address, own_host, page_address, public_host, qr_svg, qr_text

ADDRESS = "https://192.168.100.200:8000/"


def read_qr(light, size=8):
    """What OpenCV reads in a QR code, given which of its squares are light."""
    picture = np.kron(light, np.ones((size, size))).astype(np.uint8) * 255
    return cv2.QRCodeDetector().detectAndDecode(picture)[0]


def test_the_terminals_qr_code_can_be_read():
    blocks = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}  # upper and lower square; light where the terminal's ink is
    rows = [np.array([blocks[each] for each in line]).T for line in qr_text(ADDRESS).splitlines() if line]
    assert read_qr(np.vstack(rows)) == ADDRESS


def test_others_find_it_under_its_name_or_its_address_in_the_network():
    assert public_host("0.0.0.0", ["pose.example.org", "x"]) == "pose.example.org"
    assert public_host("192.168.1.5") == "192.168.1.5"
    assert public_host("0.0.0.0") == public_host("::") == network_address()
    assert ip_address(network_address())


@pytest.mark.parametrize(("parts", "address"), [
    (("http", "10.0.0.1", 8000), "http://10.0.0.1:8000/"), (("https", "10.0.0.1", 443), "https://10.0.0.1/"),
    (("http", "::1", 80), "http://[::1]/"), (("https", "a.test", 80), "https://a.test:80/"),
])  # fmt: skip
def test_an_address_as_it_is_typed(parts, address):
    assert page_address(*parts) == address


@pytest.mark.parametrize(("host", "alone"), [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True),
                                             ("", False), ("0.0.0.0", False), ("::", False), ("example.org", False)])  # fmt: skip
def test_only_loopback_is_this_computer_alone(host, alone):
    assert is_loopback(host) is alone


def test_what_this_computer_itself_types():
    assert [own_host(host) for host in ("0.0.0.0", "::", "::1", "localhost")] == ["127.0.0.1", "::1", "::1", "localhost"]


def test_the_projectors_qr_code_is_dark_on_light_and_nothing_but_a_picture():
    svg = qr_svg(ADDRESS).decode()
    assert 'fill="#fff"' in svg
    assert "<script" not in svg
    assert "style=" not in svg
