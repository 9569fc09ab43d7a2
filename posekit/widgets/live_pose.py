"""LivePose: a camera or a clip in the notebook, with the pose drawn over it while it plays."""

from __future__ import annotations

import itertools
import threading
import time as clock
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from ipywebrtc import MediaStream
from ipywidgets import Widget, widget_serialization

from posekit.errors import PosekitError
from posekit.estimate import NAMES, load_model
from posekit.frontend.assets import bundle, css
from posekit.frontend.shared import MAX_RECORDING, RUNNING
from posekit.image import RGB, Region, read_image
from posekit.pose import THRESHOLD, Poses, tracks_to_pandas
from posekit.track import LiveTracker

if TYPE_CHECKING:
    import pandas


class LivePose(anywidget.AnyWidget):
    """Finds the pose in a live picture and draws it there, at the picture's own rate.

    The camera opens when the widget's button is pressed, or by `start`; small squares of its picture go to the kernel, and the
    joints come back. Nothing is stored.

    Args:
        stream: of ipywebrtc: CameraStream, VideoStream, WidgetStream, …
        model: a name for `load_model`; multipose and crowd show several people.
        threshold: keypoints with a lower score are not drawn.
        mirror: show the picture as in a mirror; by default for a camera that faces the user. Points stay as in the picture.
        smooth: calm the jitter.
        show_crop: draw where the model looks.

    Attributes:
        frames: how many were answered so far.
        fps: frames answered in the last second.
        latency_ms: from the capture of a frame to its drawn points, the median of the last seconds, in milliseconds.
        stats: what the browser measures, renewed each second: fps, latency_ms, p95_ms, bytes (of a frame), dropped (so far).
        poses: the newest, in pixels of the stream's picture; empty before the first.
        region: where the model looks, None for the whole picture.
        status: ready, opening, live, busy, silent, hidden, stopped, failed, gone or closed.
        error: what went wrong last; empty where nothing did.

    Raises:
        UnknownModelError, DownloadError: as `load_model`.
    """

    _esm = bundle("live_pose")
    _css = css("base", "live_pose")

    stream = traitlets.Instance(MediaStream).tag(sync=True, **widget_serialization)
    model = traitlets.Unicode().tag(sync=True)
    threshold = traitlets.Float(THRESHOLD, min=0, max=1).tag(sync=True)
    mirror = traitlets.Bool(False).tag(sync=True)
    smooth = traitlets.Bool(True).tag(sync=True)
    show_crop = traitlets.Bool(False).tag(sync=True)
    _channel = traitlets.Instance(Widget).tag(sync=True, **widget_serialization)
    _models = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _where = traitlets.Unicode("the notebook's kernel").tag(sync=True)

    frames = traitlets.Int(0)
    fps = traitlets.Float(0.0)
    latency_ms = traitlets.Float(float("nan"))
    stats = traitlets.Dict()
    poses = traitlets.Instance(Poses)
    region = traitlets.Instance(Region, allow_none=True)
    status = traitlets.Unicode("ready")
    error = traitlets.Unicode("")

    def __init__(
        self,
        stream: MediaStream,
        model: str = "lightning",
        *,
        threshold: float = THRESHOLD,
        mirror: bool | None = None,
        smooth: bool = True,
        show_crop: bool = False,
    ) -> None:
        self._lock = threading.RLock()  # with ipykernel 7 the browser's messages come in a thread of their own
        self._live, self._loaded = LiveTracker(load_model(model), smooth=smooth), model
        self._listeners: list[Callable[[Poses], object]] = []
        self._recording: list[tuple[float, Poses]] = []
        self._recording_until = 0.0
        self._requests = itertools.count(1)
        self._answers: dict[int, bytes] = {}
        self._news = threading.Condition()
        # Frames have a channel of their own. ipykernel 7 gives a browser's messages to the thread that wrote last to the widget
        # they are from: with one channel for all, a cell that sets a trait would make the frames wait until it is done.
        channel = Widget()
        channel.on_msg(self._on_message)
        self._handlers = {
            "hello": self._on_hello,
            "status": self._on_status,
            "frame": self._on_frame,
            "record": self._on_record,
            "snapshot": self._on_snapshot,
        }
        self._client: str | None = None  # the browser's tab that sends frames
        self._thread: int | None = None
        self._start_wanted = False
        super().__init__(
            stream=stream,
            model=model,
            threshold=threshold,
            mirror=_faces_user(stream) if mirror is None else mirror,
            smooth=smooth,
            show_crop=show_crop,
            poses=Poses.empty((0, 0)),
            _channel=channel,
            _models=list(dict.fromkeys([model, *NAMES])),
        )

    def start(self) -> None:
        """Opens the camera and begins, as the widget's button does; as soon as the widget is shown."""
        self._start_wanted = True
        self.send({"kind": "start"})

    def stop(self) -> None:
        """Ends it, and lets the camera go: its light goes off."""
        self._start_wanted = False
        self.send({"kind": "stop"})

    def close(self) -> None:
        """Stops, and removes the widget."""
        super().close()
        if self.trait_has_value("_channel"):  # not where the constructor failed
            self._channel.close()
            self.status = "closed"

    def on_pose(self, listener: Callable[[Poses], object]) -> None:
        """Calls `listener(poses)` after each frame; what it raises is shown in the widget and in `error`."""
        self._listeners.append(listener)

    def record(self, seconds: float) -> pandas.DataFrame:
        """Records the tracks of the next seconds.

        Args:
            seconds: up to 600.

        Returns:
            A table as of `annotate_video`: frame, time (from 0, in seconds), id, person, keypoint, x, y, score. It is shorter
            where it is stopped before.

        Raises:
            PosekitError: it is not live, or no frame comes.
        """
        if not 0 < seconds <= MAX_RECORDING:
            raise PosekitError(f"a recording takes 0 to {MAX_RECORDING:g} seconds, not {seconds:g}")
        self._must_be_live()
        self._record(seconds)
        self.send({"kind": "record", "on": True})  # the widget shows it
        try:
            self._wait(lambda: not self._recording_until, seconds)
        finally:  # also where the cell is interrupted
            self._record(0)
            self.send({"kind": "record", "on": False})
        if not self._recording:
            raise PosekitError(
                f"no frame came within {seconds:g} seconds. Some kernels hear the browser only between cells: "
                "then record with the widget's button, and read `recording` in the next cell"
            )
        return self.recording

    @property
    def recording(self) -> pandas.DataFrame:
        """The tracks that `record`, or the widget's button, recorded last."""
        with self._lock:
            times, poses = [each[0] for each in self._recording], [each[1] for each in self._recording]
        return tracks_to_pandas([time - times[0] for time in times], poses)

    def snapshot(self) -> tuple[RGB, Poses]:
        """The picture of this moment, whole, and the people in it.

        Returns:
            (H, W, 3) uint8 RGB, not mirrored; and `model(image)`.

        Raises:
            PosekitError: it is not live, or the browser does not answer.
        """
        self._must_be_live()
        request = next(self._requests)
        self.send({"kind": "snapshot", "request": request})
        if not self._wait(lambda: request in self._answers, 10):
            raise PosekitError(
                "the browser sent no picture within 10 seconds. Is the notebook's tab visible? Some kernels hear the browser only "
                "between cells: then save the picture with the widget's button"
            )
        image = read_image(self._answers.pop(request))
        return image, self._live.model(image)

    def _must_be_live(self) -> None:
        if self.status not in RUNNING:
            raise PosekitError(f"this needs a live picture, but it is {self.status}: show the widget and press its Start button")

    def _wait(self, done: Callable[[], bool], seconds: float) -> bool:
        """Until `done`, but not longer; the browser's messages are handled meanwhile."""
        until = clock.monotonic() + seconds
        if self._thread != threading.get_ident():  # they come in a thread of their own
            with self._news:
                return self._news.wait_for(done, seconds)
        # An older kernel or front end: they wait until the cell lets them in. (ipykernel 7.4 without subshells does not.)
        from jupyter_ui_poll import ui_events

        with ui_events() as poll:
            while not done() and clock.monotonic() < until:
                poll(10)
                clock.sleep(0.002)
        return done()

    def _on_message(self, _: object, content: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        """What the browser sends. Whatever goes wrong here would vanish, so it is shown in the widget."""
        self._thread = threading.get_ident()
        try:
            with self._lock:
                if self.status != "closed":
                    self._handlers[content["kind"]](content, buffers)
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}" if not isinstance(error, PosekitError) else str(error)
            self._channel.send({"kind": "error", "seq": content.get("seq"), "client": content.get("client"), "text": self.error})
        with self._news:
            self._news.notify_all()

    def _on_frame(self, question: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        if question["client"] != self._client:
            return  # another tab took over
        poses, answer = self._live.handle(bytes(buffers[0]), question)
        self._channel.send({"kind": "answer", "client": question["client"], "seq": question["seq"], **answer})
        if clock.monotonic() < self._recording_until:
            self._recording.append((float(question["time"]), poses))
        self.poses, self.region = poses, self._live.region
        self.frames += 1
        if stats := question.get("stats"):
            self.stats = stats
            self.fps, self.latency_ms = float(stats["fps"]), float(stats["latency_ms"])
        for listener in self._listeners:
            listener(poses)

    def _on_hello(self, question: Mapping[str, Any], _: object) -> None:
        """A browser shows the widget; messages from before that may be lost."""
        self._channel.send({"kind": "welcome", "client": question["client"], "start": self._start_wanted})

    def _on_status(self, news: Mapping[str, Any], _: object) -> None:
        if news["status"] == "opening":
            self._start_wanted = False
            self._live.reset()
            if self._client not in (None, news["client"]):  # the notebook is open twice, and one camera is enough
                self._channel.send({"kind": "stop", "client": self._client})
            self._client = news["client"]
        if news["client"] == self._client:
            self.status, self.error = news["status"], news["error"]
            if self.status not in (*RUNNING, "opening"):
                self._record(0)

    def _on_record(self, wish: Mapping[str, Any], _: object) -> None:
        self._record(MAX_RECORDING if wish["on"] else 0)

    def _on_snapshot(self, answer: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        self._answers[answer["request"]] = bytes(buffers[0])

    def _record(self, seconds: float) -> None:
        with self._lock:
            if seconds:
                self._recording = []
            self._recording_until = clock.monotonic() + seconds if seconds else 0.0

    @traitlets.observe("model")
    def _change_model(self, change: Mapping[str, Any]) -> None:
        if change["new"] == self._loaded:
            return
        self.send({"kind": "loading", "model": change["new"]})
        try:
            model = load_model(change["new"])  # may take a while; frames go on with the old one
            with self._lock:
                self._live, self._loaded = LiveTracker(model, smooth=self.smooth), change["new"]
        except Exception as error:
            self.error = str(error)
            self.send({"kind": "error", "text": self.error})
            self.model = self._loaded
        finally:
            self.send({"kind": "loading", "model": ""})

    @traitlets.observe("smooth")
    def _change_smooth(self, change: Mapping[str, Any]) -> None:
        self._live.smooth = change["new"]

    def __repr__(self) -> str:
        return f"LivePose({self.model}, {self.status}, {self.frames} frames)"


def _faces_user(stream: MediaStream) -> bool:
    video = getattr(stream, "constraints", {}).get("video")
    return isinstance(video, dict) and video.get("facingMode") == "user"
