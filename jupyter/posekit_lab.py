"""A setting for the Jupyter server: small messages to the browser leave at once. It is apart from posekit, which is not loaded.

Jupyter's server keeps Nagle's algorithm on: a small message waits until the browser has confirmed the one before, which it does
with the next frame it sends. For live widgets that makes 20 ms of 60 (see `posekit bench --live`). It is off until somebody says
`jupyter server extension enable posekit_lab` (`make lab` does so for its own server), and posekit works without it, too.
"""

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """The usual connection between browser and kernel, with TCP_NODELAY."""

    def connect(self) -> Any:
        """Begins the connection."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "posekit_lab"}]


def _load_jupyter_server_extension(server: Any) -> None:
    settings = server.web_app.settings
    # A gateway or another extension has a connection of its own.
    if settings.get("kernel_websocket_connection_class") is ZMQChannelsWebsocketConnection:
        settings["kernel_websocket_connection_class"] = PromptConnection
