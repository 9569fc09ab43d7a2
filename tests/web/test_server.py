import re
import signal
import socket
import ssl
import sys
from http.client import HTTPSConnection

import psutil
import pytest
from serving import Server, encoded

import posekit
from posekit.cli import main
from posekit.web.certificate import fingerprint, own_certificate


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_it_serves_until_it_is_interrupted_and_writes_no_file(how, person, tmp_path):
    server = Server(temporary=tmp_path)
    try:
        answer = server.ask("POST", "/", encoded(person), {"Content-Type": "image/jpeg"})
        assert answer.status == 303
        assert answer.getheader("Server") is None
        assert "1 person found" in server.ask("GET", answer.getheader("Location")).body.decode()
        assert not list(tmp_path.iterdir())
    finally:
        out, err, code = server.stop(how)
    assert (err, code) == ("", 0)
    assert "every photo is deleted" in out


@pytest.mark.slow
def test_it_ends_though_somebody_watches_its_camera():
    server = Server("--camera", str(posekit.sample("walk")))
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as viewer:
        (link,) = set(re.findall(rb'/video_feed[^"]+', server.ask("GET", "/live").body))
        viewer.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % link)
        assert b"multipart/x-mixed-replace" in viewer.recv(4096)
        out, err, code = server.stop()
    assert (err, code) == ("", 0)
    assert "stopped" in out


@pytest.mark.slow
def test_a_body_that_ends_too_early_and_one_without_end_do_no_harm(person):
    server = Server()
    try:
        head = b"POST /api/pose HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
        for length, sent in ((10**6, b"x" * 100), (10**12, b""), (-1, b"")):
            with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
                client.sendall(head % length + sent)
        slow = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        slow.sendall(head % 1000)
        assert server.ask("POST", "/api/pose", encoded(person)).status == 200
        slow.close()
    finally:
        _, err, code = server.stop()
    assert (err, code) == ("", 0)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_server_that_is_killed_leaves_no_process(person):
    server = Server()
    assert server.ask("POST", "/", encoded(person, "PNG"), {"Content-Type": "image/png"}).status == 303
    children = psutil.Process(server.process.pid).children(recursive=True)
    server.stop(signal.SIGKILL)
    assert children
    assert not psutil.wait_procs(children, timeout=60)[1]


@pytest.mark.slow
def test_a_public_server_warns():
    server = Server("--host", "0.0.0.0")
    _, err, code = server.stop()
    assert re.search("everybody who can reach this computer", err)
    assert "https" in err
    assert code == 0


def test_a_port_that_is_taken_is_an_error_in_words(capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert main(["serve", "--port", str(other.getsockname()[1])]) == 1
    said = capsys.readouterr().err
    assert "cannot listen on 127.0.0.1:" in said
    assert "another --port" in said


WRONG = [
    (["--port", "70000"], "no port 70000"),
    (["--host", "256.1.1.1"], "cannot listen"),
    (["--model", "thuner"], "did you mean 'thunder'"),
    (["--camera", "missing.mp4"], "no file missing.mp4"),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG)
def test_what_cannot_be_is_an_error_in_words(arguments, words, capsys):
    assert main(["serve", *arguments]) == 1
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the certificate's folder cannot be chosen by the environment")
def test_https_with_its_own_certificate(person, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    server = Server("--https", "--access-code", "sesame")
    try:
        assert server.address.startswith("https://127.0.0.1:")
        certificate = tmp_path / "posekit" / "https" / "certificate.pem"
        trusting = ssl.create_default_context(cafile=certificate)
        trusting.verify_flags = (trusting.verify_flags & ~0x20) | 0x80000  # trusted by itself, not strictly
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert not plain.recv(100).startswith(b"HTTP/1.1 200")
        client = HTTPSConnection("127.0.0.1", server.port, timeout=60, context=trusting)
        client.request("POST", "/access", "code=sesame", {"Content-Type": "application/x-www-form-urlencoded"})
        answer = client.getresponse()
        assert answer.status == 303, answer.read()
        cookie = answer.getheader("Set-Cookie")
        assert "Secure" in cookie
        answer.read()
        client.request("POST", "/api/pose", encoded(person), {"Cookie": cookie.partition(";")[0]})
        answer = client.getresponse()
        assert b'"people"' in answer.read()
        client.request("GET", "/projector", headers={"Cookie": cookie.partition(";")[0]})
        assert fingerprint(certificate) in client.getresponse().read().decode()
        client.close()
    finally:
        _, err, code = server.stop()
    assert (err, code) == ("", 0)


def test_a_certificate_of_another_key_is_refused_in_words(tmp_path, capsys):
    one, other = (own_certificate(tmp_path / name, ["localhost"]) for name in ("one", "other"))
    assert main(["serve", "--port", "0", "--certificate", str(one[0]), str(other[1])]) == 1
    assert "not a certificate and its key" in capsys.readouterr().err
