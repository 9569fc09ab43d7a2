"""The server extension that sends small messages at once."""

import json
import socket
from types import SimpleNamespace

import pytest
from tornado.iostream import IOStream
from tornado.websocket import WebSocketHandler

connections = pytest.importorskip(
    "jupyter_server.services.kernels.connection.channels", reason="needs jupyter_server: the extra lab"
)

import posekit_lab  # noqa: E402

USUAL = connections.ZMQChannelsWebsocketConnection


def server(connection):
    return SimpleNamespace(web_app=SimpleNamespace(settings={"kernel_websocket_connection_class": connection}))


def test_it_is_an_extension_that_jupyter_can_enable():
    assert posekit_lab._jupyter_server_extension_points() == [{"module": "posekit_lab"}]


def test_an_install_makes_it_known_and_leaves_it_off(root):
    """Jupyter cannot enable what its configuration does not name."""
    setting = json.loads((root / "jupyter" / "posekit_lab.json").read_text())
    assert setting == {"ServerApp": {"jpserver_extensions": {"posekit_lab": False}}}


def test_it_replaces_the_usual_connection_and_no_other():
    usual = server(USUAL)
    posekit_lab._load_jupyter_server_extension(usual)
    assert usual.web_app.settings["kernel_websocket_connection_class"] is posekit_lab.PromptConnection
    other = server(object)
    posekit_lab._load_jupyter_server_extension(other)
    assert other.web_app.settings["kernel_websocket_connection_class"] is object


def test_a_connection_has_nagles_algorithm_off(monkeypatch):
    """With a real socket; the kernel behind it is not there."""
    listening = socket.create_server(("127.0.0.1", 0))
    ours = socket.create_connection(listening.getsockname())
    handler = WebSocketHandler.__new__(WebSocketHandler)
    stream = IOStream(ours)
    handler.ws_connection = SimpleNamespace(set_nodelay=stream.set_nodelay)
    monkeypatch.setattr(USUAL, "connect", lambda self: "connected")
    connection = posekit_lab.PromptConnection.__new__(posekit_lab.PromptConnection)
    object.__setattr__(connection, "_trait_values", {"websocket_handler": handler})
    assert not ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert connection.connect() == "connected"
    assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    stream.close()
    listening.close()
