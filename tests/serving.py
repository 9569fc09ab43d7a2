"""For the tests of the web part: the application in this process, and `posekit serve` as a process of its own."""

import contextlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from http.client import HTTPConnection

import numpy as np
from PIL import Image

from posekit.web import create_app
from posekit.web.bridge import Bridge
from posekit.web.server import make_server


@contextlib.contextmanager
def running(**settings):
    """The application."""
    app = create_app(**settings)
    try:
        yield app
    finally:
        app.extensions["posekit"].close()


@contextlib.contextmanager
def serving(app, proxy=None):
    """A WSGI application behind our server, in a thread of this process: the `uvicorn.Server`, with its `port`."""
    listener = socket.create_server(("127.0.0.1", 0))
    bridge, ready = Bridge(app, 8, proxy), threading.Event()
    server = make_server(bridge, proxy, ready.set, lambda: None)
    server.port = listener.getsockname()[1]
    thread = threading.Thread(target=server.run, args=[[listener]])
    thread.start()
    try:
        assert ready.wait(60)
        yield server
    finally:
        server.should_exit = True
        thread.join(60)
        bridge.close()
    assert not thread.is_alive()


class Server:
    """`posekit serve` on a port that was free.

    Attributes:
        address: the address at which it answers.
        port: its port.
        process: the process, from `subprocess`.

    Args:
        arguments: those of the command.
        temporary: the folder for its temporary files; by default the usual one.
    """

    def __init__(self, *arguments, temporary=None):
        environment = dict(os.environ) if temporary is None else os.environ | {"TMPDIR": str(temporary)}
        command = [sys.executable, "-m", "posekit", "serve", "--port", "0", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        line = self.process.stdout.readline()
        found = re.search(r"https?://\S+:(\d+)/", line)
        assert found, line + self.process.stderr.read()
        self.address, self.port = found[0], int(found[1])

    def ask(self, method, path, body=None, headers=None):
        """One request on a connection of its own: the answer, read to its end, with its bytes in `.body`."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            answer.body = answer.read()
            return answer

    def stop(self, how=signal.SIGINT):
        """What it printed, and its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        out, err = self.process.communicate(timeout=60)
        return out, err, self.process.returncode


def encoded(image, kind="JPEG", **options):
    """A picture (array or PIL image) as a file."""
    file = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(file, kind, **options)
    return file.getvalue()


def read(content):
    """A file as an array."""
    return np.array(Image.open(io.BytesIO(content)).convert("RGB"))
