"""Anything may come over the wire: a server on loopback misbehaves in every way that came to mind."""

import contextlib
import functools
import gzip
import http.server
import io
import os
import shutil
import socket
import stat
import sys
import tarfile
import threading

import pytest
import tqdm.auto

from posekit import DownloadError
from posekit.models import download

#: What stands for a model file.
PAYLOAD = b"TFL3 seventeen keypoints " * 400

WEB_PAGE = b"\n<!DOCTYPE html><html><title>Please log in</title></html>"

#: What npm 11 said of a package that is not there.
NPM_404 = """\
npm error code E404
npm error 404 Not Found - GET http://127.0.0.1:9/@vladmandic%2fhuman
npm error 404
npm error 404  The requested resource '@vladmandic/human@3.3.6' could not be found or you do not have permission to access it.
npm error A complete log of this run can be found in: .npm/_logs/debug-0.log
"""


class Hosts:
    """A web server on loopback. `answers[x]` is a function that answers requests for /x/…; other requests get a 404.

    Attributes:
        asked: the paths that were asked for, in order.
        over: set when the test is over; answers that hang wait for it.
    """

    def __init__(self):
        self.answers, self.asked, self.over = {}, [], threading.Event()
        hosts = self

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = 60

            def do_GET(self):
                hosts.asked.append(self.path)
                with contextlib.suppress(ConnectionError):  # the other side has hung up, as it should on some answers
                    hosts.answers.get(self.path.split("/")[1], status(404))(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.over = self.over
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


def body(content, length=None):
    """An answer with a body; `length` is a Content-Length that lies, or False for none."""

    def answer(request):
        request.send_response(200)
        if length is not False:
            request.send_header("Content-Length", len(content) if length is None else length)
        request.end_headers()
        request.wfile.write(content)

    return answer


def status(code, **headers):
    def answer(request):
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", 0)
        request.end_headers()

    return answer


def half(content):
    """Promises everything, sends half, and hangs up."""
    return body(content[: len(content) // 2], length=len(content))


def hang(request):
    """Accepts the request and never answers."""
    request.server.over.wait(60)


def hang_midway(request):
    body(PAYLOAD, length=10 * len(PAYLOAD))(request)
    request.wfile.flush()
    request.server.over.wait(60)


def endless(request):
    """Goes on for 64 MB, which is endless for a client that gives up after one."""
    request.send_response(200)
    request.end_headers()
    for _ in range(1024):
        request.wfile.write(bytes(65536))


def swollen(request):
    """A small answer that Content-Encoding blows up to 16 MB."""
    request.send_response(200)
    request.send_header("Content-Encoding", "gzip")
    request.end_headers()
    request.wfile.write(gzip.compress(bytes(2**24)))


def hang_up(request):
    request.connection.shutdown(socket.SHUT_RDWR)


def tarball(*entries, **fields):
    """A .tar.gz of (name, content) pairs; `fields` are set on the header of each, content or not."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for field, value in fields.items():
                setattr(info, field, value)
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def link(name, kind, target):
    return tarball((name, b""), type=kind, linkname=target)


def sparse_bomb(name):
    """A terabyte of zeros, of which the archive holds none."""
    return tarball((name, b""), pax_headers={"GNU.sparse.map": "0,0", "GNU.sparse.size": str(2**40)})


def fake_npm(folder, script, monkeypatch):
    """Puts an `npm` before the real one; in `script`, $4 is the folder that the package goes to."""
    folder.mkdir()
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def stand_in(folder, script, monkeypatch):
    """Puts a module in place of TensorFlow, for other processes."""
    (folder / "path").mkdir()
    (folder / "path" / "tensorflow.py").write_text(script)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder / "path"), *sys.path]))


@pytest.fixture
def hosts(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Hosts() as hosts:
        yield hosts


@pytest.fixture
def one_megabyte(monkeypatch):
    monkeypatch.setattr(download, "MAX_ARCHIVE_BYTES", 2**20)


# get


def test_a_download_is_what_the_host_sent(hosts, tmp_path):
    hosts.answers["a"] = body(PAYLOAD)
    assert download.get(f"{hosts.address}/a", tmp_path, "a", 1).read_bytes() == PAYLOAD


def test_a_redirect_is_followed(hosts, tmp_path):
    hosts.answers["a"] = status(302, Location="/storage/bucket")
    hosts.answers["storage"] = body(PAYLOAD)
    assert download.get(f"{hosts.address}/a", tmp_path, "a", 1).read_bytes() == PAYLOAD
    assert hosts.asked == ["/a", "/storage/bucket"]


def test_an_answer_without_a_length_arrives_whole(hosts, tmp_path):
    hosts.answers["a"] = body(PAYLOAD, length=False)
    assert download.get(f"{hosts.address}/a", tmp_path, "a", 1).read_bytes() == PAYLOAD


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        pytest.param(status(404), "the host answers 404 Not Found", id="404"),
        pytest.param(status(503), "the host answers 503 Service Unavailable", id="503"),
        pytest.param(half(PAYLOAD), "the download broke off in the middle", id="half"),
        pytest.param(body(PAYLOAD, length="many"), "the host's answer is malformed", id="a length that is no number"),
        pytest.param(hang_up, "the host closed the connection without an answer", id="hang up"),
        pytest.param(status(302, Location="/a"), "redirects in circles", id="redirects in a circle"),
        pytest.param(status(302, Location="file:///etc/hostname"), "something that is not a web address", id="redirect to a file"),
        pytest.param(endless, "more than 1 MB came, which no model has", id="endless"),
        pytest.param(swollen, "more than 1 MB came, which no model has", id="swollen"),
    ],
)
def test_what_a_host_does_wrong_is_named(answer, seen, hosts, tmp_path, one_megabyte):
    hosts.answers["a"] = answer
    with pytest.raises(DownloadError, match=seen):
        download.get(f"{hosts.address}/a", tmp_path, "a", 1)


def test_a_download_without_end_stops_where_progress_bars_are_off(hosts, tmp_path, one_megabyte, monkeypatch):
    """The limit once lived in the bar, and TQDM_DISABLE, which CI services set, took both away."""
    monkeypatch.setattr("tqdm.std.tqdm.__init__", functools.partialmethod(tqdm.std.tqdm.__init__, disable=True))
    hosts.answers["a"] = endless
    with pytest.raises(DownloadError, match="more than 1 MB came"):
        download.get(f"{hosts.address}/a", tmp_path, "a", 1)
    assert (tmp_path / "download").stat().st_size <= 2**20


def test_a_file_just_as_large_as_the_limit_passes(hosts, tmp_path, one_megabyte):
    hosts.answers["a"] = body(bytes(2**20))
    assert download.get(f"{hosts.address}/a", tmp_path, "a", 1).stat().st_size == 2**20


@pytest.mark.slow
@pytest.mark.parametrize("answer", [hang, hang_midway])
def test_a_host_that_falls_silent_is_given_up(answer, hosts, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT", 0.4)
    hosts.answers["a"] = answer
    with pytest.raises(DownloadError, match=r"no answer within 0\.4 s"):
        download.get(f"{hosts.address}/a", tmp_path, "a", 1)


def test_a_host_that_refuses_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but not listening
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(DownloadError, match="the host refuses the connection"):
            download.get(address, tmp_path, "a", 1)


def test_a_name_that_nobody_knows_is_called_that(tmp_path, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(DownloadError, match="name cannot be looked up"):
        download.get("http://movenet.invalid/", tmp_path, "a", 1)


# check


def test_check_gives_back_what_has_the_right_hash():
    # The first example of FIPS 180-2, which defines SHA-256.
    assert download.check(b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "it") == b"abc"


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"", "it is empty"),
        (WEB_PAGE, "it is a web page, not a model"),
        (b"abc", "it has 3 bytes and sha256 ba7816bf8f01cfea.*, expected 0000"),
    ],
)
def test_check_says_what_came_instead(content, seen):
    with pytest.raises(DownloadError, match=seen):
        download.check(content, "0" * 64, "it")


# member


@pytest.mark.parametrize("name", ["4.tflite", "./4.tflite"])
def test_a_member_is_found_among_others(name, tmp_path):
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(tarball(("README", b"read me"), (name, PAYLOAD), ("z", b"z")))
    assert download.member(archive, "4.tflite") == PAYLOAD


def test_nothing_of_an_archive_is_written_to_disk(tmp_path):
    (tmp_path / "in").mkdir()
    archive = tmp_path / "in" / "a.tar.gz"
    archive.write_bytes(tarball(("../evil", b"evil"), (f"{tmp_path}/evil", b"evil"), ("4.tflite", PAYLOAD)))
    assert download.member(archive, "4.tflite") == PAYLOAD
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [archive]


@pytest.mark.parametrize("name", ["../4.tflite", "../../4.tflite", "a/../4.tflite", "/4.tflite", "a/4.tflite", "4.tflite/x"])
def test_a_member_under_another_name_is_not_taken(name, tmp_path):
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(tarball((name, PAYLOAD)))
    with pytest.raises(DownloadError, match=r"^the archive has no file 4\.tflite$"):
        download.member(archive, "4.tflite")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_member_that_is_not_a_file_is_not_taken(kind, tmp_path):
    (tmp_path / "secret").write_bytes(PAYLOAD)
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(link("4.tflite", kind, str(tmp_path / "secret")))
    with pytest.raises(DownloadError, match=r"^the archive has no file 4\.tflite$"):
        download.member(archive, "4.tflite")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(tarball(("big", bytes(2**20)), ("4.tflite", PAYLOAD)), id="beside it"),
        pytest.param(tarball(("4.tflite", bytes(2**21))), id="itself"),
        pytest.param(tarball(("4.tflite", PAYLOAD), pax_headers={"comment": "x" * 2**21}), id="its header"),
        pytest.param(sparse_bomb("4.tflite"), id="holes"),
    ],
)
def test_a_bomb_is_not_unpacked(content, tmp_path, one_megabyte):
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(content)
    assert len(content) < 10_000  # small to look at
    with pytest.raises(DownloadError, match=r"^the archive unpacks to more than 1 MB$"):
        download.member(archive, "4.tflite")


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        pytest.param(b"", "an empty answer came", id="empty"),
        pytest.param(WEB_PAGE, "a web page came", id="web page"),
        pytest.param(PAYLOAD, "10,000 bytes came", id="something else"),
        pytest.param(gzip.compress(PAYLOAD), r"\d+ bytes came", id="gzip without tar"),
        pytest.param(tarball(("4.tflite", os.urandom(10_000)))[:5000], "5,000 bytes came", id="cut short"),
        pytest.param(
            tarball(("4.tflite", b"abc"), pax_headers={"GNU.sparse.map": "x,y", "GNU.sparse.size": "z"}),
            r"\d+ bytes came",
            id="header of nonsense",
        ),
    ],
)
def test_what_is_not_an_archive_is_named(content, seen, tmp_path):
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(content)
    with pytest.raises(DownloadError, match=rf"^{seen}, not a whole \.tar\.gz \("):
        download.member(archive, "4.tflite")


def test_damage_anywhere_in_an_archive_is_an_error_or_shows_in_the_hash(tmp_path):
    """One byte is damaged at a time: never another exception, never other bytes under the right hash."""
    archive, whole = tmp_path / "a.tar.gz", tarball(("4.tflite", PAYLOAD[:300]))
    noticed = 0
    for place in range(len(whole)):
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            noticed += download.member(archive, "4.tflite") != PAYLOAD[:300]
        except DownloadError:
            noticed += 1
    assert noticed > len(whole) / 2  # damage to times and owners is harmless


# npm


def test_npm_brings_a_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fake_npm(tmp_path / "bin", 'echo "$1 $2 $3 $5" > "$4/said"; echo package > "$4/human-1.0.tgz"', monkeypatch)
    (tmp_path / "scratch").mkdir()
    archive = download.npm_pack("human@1.0", 28, tmp_path / "scratch")
    assert archive.read_text() == "package\n"
    assert (tmp_path / "scratch" / "said").read_text() == "pack human@1.0 --pack-destination --loglevel=error\n"


def test_a_missing_npm_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DownloadError, match=r"^npm is not installed$"):
        download.npm_pack("human@1.0", 28, tmp_path)


def test_the_reason_npm_gives_is_reported_and_not_where_its_log_is(tmp_path, monkeypatch):
    (tmp_path / "said").write_text(NPM_404)
    fake_npm(tmp_path / "bin", f'cat "{tmp_path / "said"}" >&2; exit 1', monkeypatch)
    with pytest.raises(DownloadError, match=r"^npm could not fetch it: 404 Not Found - GET [^ ]+human$"):
        download.npm_pack("@vladmandic/human@3.3.6", 28, tmp_path)


@pytest.mark.parametrize("script", ["exit 1", "exit 0"])
def test_an_npm_that_prints_and_fetches_nothing_is_an_error(script, tmp_path, monkeypatch):
    fake_npm(tmp_path / "bin", script, monkeypatch)
    with pytest.raises(DownloadError, match="npm could not fetch it: it gave no reason"):
        download.npm_pack("human@1.0", 28, tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_the_real_npm_says_that_a_registry_lacks_the_package(hosts, tmp_path, monkeypatch):
    for name, value in {"registry": hosts.address, "cache": str(tmp_path / "cache"), "fetch_retries": "0"}.items():
        monkeypatch.setenv(f"npm_config_{name}", value)
    with pytest.raises(DownloadError, match=r"^npm could not fetch it: 404 Not Found - GET "):
        download.npm_pack("human@1.0", 28, tmp_path)
    assert set(hosts.asked) == {"/human"}
