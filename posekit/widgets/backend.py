"""The backends of a live picture: handles frames for a model in the kernel, and points from a model in the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import traitlets
from ipywidgets import Widget

from posekit.errors import PosekitError
from posekit.estimate.in_browser import BROWSER_MODELS, browser_file, browser_model
from posekit.frontend.shared import PIECE
from posekit.image import Region
from posekit.pose import Poses
from posekit.track import LiveTracker
from posekit.track.live import read_points
from posekit.widgets.guard import call_listeners, in_words
from posekit.widgets.movement import Movement
from posekit.widgets.recording import Recording


class Backend(Movement):
    """The part of a widget that handles frames, or points from a model in the browser."""

    backend = traitlets.Enum(("auto", "kernel", "browser"), "auto", help="where the model runs").tag(sync=True)
    _browser_models = traitlets.List(traitlets.Unicode(), list(BROWSER_MODELS)).tag(sync=True)
    smooth = traitlets.Bool(True, help="whether jitter is removed").tag(sync=True)
    frames = traitlets.Int(0, min=0, help="frames answered so far")
    fps = traitlets.Float(0.0, min=0, help="frames answered in the last second")
    latency_ms = traitlets.Float(float("nan"), help="from the capture of a frame to its drawn points, in milliseconds")
    stats = traitlets.Dict(help="what the browser measures")
    poses = traitlets.Instance(Poses, help="the people in the latest frame, in pixels of the stream's picture")
    region = traitlets.Instance(Region, allow_none=True, help="where the model looks; None for the whole picture")
    error = traitlets.Unicode("", help="the last error")
    _channel: Widget
    _live: LiveTracker
    _recording: Recording
    _listeners: list[Callable[[Poses], object]]
    _client: str | None
    _received: tuple[str | None, int] = (None, 0)  # a browser, and its last frame whose points have arrived

    def _prepare_backend(self, backend: str, model: str) -> None:
        """Checks the choice before the widget is created, so that what cannot work is an error here, not in the browser.

        Raises:
            PosekitError: there is no such backend, the browser cannot run the model, or what it needs cannot be fetched.
        """
        if backend not in ("auto", "kernel", "browser"):
            raise PosekitError(f"backend is 'auto', 'kernel' or 'browser', not {backend!r}")
        if backend == "browser":
            browser_model(model)

    def _tell_recount(self) -> None:
        self._channel.send({"kind": "recount"})

    def _report(self, problem: str, request: Mapping[str, Any]) -> None:
        self.error = problem
        self._channel.send({"kind": "error", "seq": request.get("seq"), "client": request.get("client"), "text": problem})

    def _on_frame(self, request: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        if request["client"] != self._client:
            return  # another tab took over
        self._live.smooth = self.smooth
        poses, answer = self._live.handle(bytes(buffers[0]), request)
        movement = self._move(poses, float(request["time"]))
        self._channel.send({"kind": "answer", "client": request["client"], "seq": request["seq"], **answer, "movement": movement})
        self._take(poses, self._live.region, request)

    def _on_points(self, request: Mapping[str, Any], _: object) -> None:
        """Handles points that the browser found. They may arrive long after their frames, and some of them twice."""
        client, movement = request["client"], {}
        if client != self._received[0]:
            self._received = client, 0
        for frame in request["frames"]:
            if frame["seq"] > self._received[1]:
                self._received = client, frame["seq"]
                if client == self._client:
                    poses, region = read_points(frame)
                    movement = self._move(poses, float(frame["time"]))
                    self._take(poses, region, frame | {"client": client})
        self._channel.send({"kind": "received", "client": client, "seq": self._received[1], "movement": movement})

    def _take(self, poses: Poses, region: Region | None, frame: Mapping[str, Any]) -> None:
        self._recording.add(float(frame["time"]), poses)
        self.poses, self.region = poses, region
        self.frames += 1
        if stats := frame.get("stats"):
            self.stats = stats
            self.fps, self.latency_ms = float(stats["fps"]), float(stats["latency_ms"])
        if problems := call_listeners(self._listeners, poses):
            self._report(problems, frame)

    def _on_model(self, request: Mapping[str, Any], _: object) -> None:
        """Tells a browser what it needs to run a model."""
        reply = {"kind": "model", "client": request["client"], "name": request["name"], "left": 0}
        try:
            self._channel.send(reply | {"about": browser_model(request["name"]).about})
        except Exception as error:
            self._channel.send(reply | {"text": in_words(error)})

    def _on_file(self, request: Mapping[str, Any], _: object) -> None:
        """Sends a file of a model, named by its hash, in pieces that fit into a message."""
        reply = {"kind": "file", "client": request["client"], "name": request["name"]}
        if (file := browser_file(request["name"])) is None:
            self._channel.send(reply | {"left": 0, "text": "There is no such file."})
            return
        pieces = [file.content[i : i + PIECE] for i in range(0, len(file.content), PIECE)]
        for left, piece in zip(reversed(range(len(pieces))), pieces, strict=True):
            self._channel.send(reply | {"left": left}, buffers=[piece])
