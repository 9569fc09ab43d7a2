"""The page behind a real nginx: a photo, the live picture, the camera, and limits of each address that it forwards."""

import contextlib
import json
import re
import shutil
import socket
import subprocess
import sys

import pytest
from serving import encoded, running, serving
from web.forwarding import ask
from web.test_sessions import live_request
from web.waiting import eventually

import posekit
from posekit.web import sessions

GREEDY, NEIGHBOUR = "127.0.0.2", "127.0.0.3"

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="needs several loopback addresses"),
    pytest.mark.skipif(shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin") is None, reason="there is no nginx here"),
]

CONFIG = """
daemon off; master_process off; pid {folder}/pid; error_log stderr crit;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  client_max_body_size 130m;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{behind};
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto https;
    }}
  }}
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextlib.contextmanager
def behind_nginx(folder, **settings):
    """The page behind nginx, which says that visitors use https: its port."""
    with running(**settings) as app, serving(app, proxy="127.0.0.1") as server:
        port = free_port()
        (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, port=port, behind=server.port))
        nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
        process = subprocess.Popen([nginx, "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr"])

        def listens():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return True

        try:
            assert eventually(listens)
            yield port
        finally:
            process.terminate()
            process.wait(60)


@pytest.mark.slow
def test_a_photo_the_live_picture_and_the_camera(tmp_path, person):
    with behind_nginx(tmp_path, camera=str(posekit.sample("walk"))) as port:
        assert b"Find the pose" in ask(port, NEIGHBOUR, "GET", "/")[1]
        status, text = ask(port, NEIGHBOUR, "POST", "/", encoded(person), Content_Type="image/jpeg")
        link = re.search(rb'href="(/results/[^"]+)"', text)[1].decode()
        assert (status, b"1 person found" in ask(port, NEIGHBOUR, "GET", link)[1]) == (303, True)
        jpeg, asked = live_request(person, 1)
        assert b'"side":192' in ask(port, NEIGHBOUR, "POST", "/live/frame", jpeg, X_Request=json.dumps(asked))[1]
        (feed,) = set(re.findall(rb'/video_feed[^"]+', ask(port, NEIGHBOUR, "GET", "/live")[1]))
        with socket.create_connection(("127.0.0.1", port), 60) as viewer:
            viewer.sendall(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % feed)
            seen = b""
            while seen.count(b"\xff\xd8\xff") < 3:  # three pictures
                seen += (part := viewer.recv(2**16))
                assert part


@pytest.mark.slow
def test_each_address_that_it_forwards_has_a_share(tmp_path, person, monkeypatch):
    monkeypatch.setattr(sessions, "MAX_VISITOR_SESSIONS", 1)
    monkeypatch.setattr(sessions, "SESSION_TIMEOUT", 600)

    def live(visitor, number, **more):
        jpeg, asked = live_request(person, 1, session=f"{number:032x}")
        return ask(port, visitor, "POST", "/live/frame", jpeg, X_Request=json.dumps(asked), **more)[0]

    with behind_nginx(tmp_path) as port:
        assert [live(GREEDY, 1), live(GREEDY, 2), live(GREEDY, 3, X_Forwarded_For="192.0.2.7")] == [200, 503, 503]
        assert live(NEIGHBOUR, 4) == 200


@pytest.mark.slow
def test_its_visitors_cookie_travels_over_https_alone(tmp_path):
    with behind_nginx(tmp_path, access_code="sesame") as port, socket.create_connection(("127.0.0.1", port), 60) as visitor:
        form = b"code=sesame"
        head = (
            "POST /access HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        )
        visitor.sendall(head.encode() + b"Content-Length: %d\r\n\r\n%s" % (len(form), form))
        answer = b"".join(iter(lambda: visitor.recv(2**16), b"")).decode()
    assert re.search("(?i)^set-cookie: posekit=.*; Secure", answer, re.M)
