"""LivePose: a camera or a clip in a notebook, with the pose drawn over it live."""

from __future__ import annotations

import itertools
import threading
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
from posekit.image import RGB, read_image
from posekit.motion import Exercise, PostureClassifier
from posekit.pose import THRESHOLD, Poses
from posekit.track import LiveTracker
from posekit.widgets.backend import Backend
from posekit.widgets.guard import guarded, in_words, refuse_unknown
from posekit.widgets.recording import Recording
from posekit.widgets.stream import as_stream, faces_user, send_clip
from posekit.widgets.waiting import wait_for

if TYPE_CHECKING:
    import pandas


class LivePose(Backend, anywidget.AnyWidget):
    """Finds the pose in a live picture and draws it, at the picture's own rate.

    The camera opens when the widget's button is pressed, or, after `start`, once the widget is shown. Either small squares of its
    picture go to the kernel and the joints come back; or the model runs in the browser, and only the joints go to the kernel when
    it has time for them, so that none are lost while a cell runs. Nothing is stored.

    Args:
        stream: one of ipywebrtc's streams (CameraStream, VideoStream, WidgetStream, …), or the path or address of a clip.
        model: a name for `load_model`; multipose and crowd show several people.
        threshold: keypoints with a lower score are not drawn.
        mirror: whether to show the picture as in a mirror; by default for a camera that faces the user. Points are not mirrored.
        smooth: whether to remove jitter.
        show_crop: whether to draw where the model looks.
        backend: where the model runs: `"kernel"`, `"browser"` (lightning, thunder and multipose), or `"auto"`: the kernel where it
            is on this computer and answers within 0.1 s, measured when the widget appears; otherwise the browser.
        exercise: the exercise whose repetitions are counted: a name of `EXERCISES`, or an `Exercise`.
        postures: a `PostureClassifier`, which names the posture of the most confident person.
        options: `layout`, as for all ipywidgets.

    Attributes:
        frames: how many frames have been answered so far.
        fps: how many frames were answered in the last second.
        latency_ms: from the capture of a frame to its drawn points, the median of the last seconds, in milliseconds.
        stats: what the browser measures, once a second: fps, latency_ms, p95_ms, bytes (of a frame), dropped (so far).
        poses: the newest poses, in pixels of the stream's picture; empty before the first frame.
        region: where the model looks; None for the whole picture.
        repetitions, partial, phase, depth, posture: what the people do, according to `RepetitionCounter` and `PostureClassifier`.
        status: ready, opening, live, busy, silent, hidden, waiting (for the connection), stopped, failed, gone or closed.
        error: what went wrong last; empty if nothing has.

    Raises:
        UnknownModelError: there is no such model, as for `load_model`.
        DownloadError: the model, or what a browser needs, cannot be fetched.
        PosekitError: `stream` is neither a stream nor a clip; or there is no such exercise, or no such backend for that model.
    """

    _esm = bundle("live_pose")
    _css = css("base", "live_pose", "repetitions")
    _kinds: tuple[str, ...] = ("hello", "status", "frame", "points", "model", "file", "record", "snapshot", "recount")

    stream = traitlets.Instance(MediaStream, help="where the picture comes from").tag(sync=True, **widget_serialization)
    model = traitlets.Unicode(help="the name of the model").tag(sync=True)
    threshold = traitlets.Float(THRESHOLD, min=0, max=1, help="keypoints with a lower score are not drawn").tag(sync=True)
    mirror = traitlets.Bool(False, help="whether the picture is mirrored").tag(sync=True)
    show_crop = traitlets.Bool(False, help="whether the crop is drawn, where the model looks").tag(sync=True)
    _channel = traitlets.Instance(Widget).tag(sync=True, **widget_serialization)
    _models = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _where = traitlets.Unicode("the notebook's kernel").tag(sync=True)

    status = traitlets.Unicode("ready", help="what the live picture is doing")

    def __init__(
        self,
        stream: Any,
        model: str = "lightning",
        *,
        threshold: float = THRESHOLD,
        mirror: bool | None = None,
        smooth: bool = True,
        show_crop: bool = False,
        backend: str = "auto",
        exercise: str | Exercise | None = None,
        postures: PostureClassifier | None = None,
        **options: Any,
    ) -> None:
        refuse_unknown(type(self), options)
        movement = self._prepare_movement(exercise, postures)
        self._prepare_backend(backend, model)
        given, stream = stream, as_stream(stream)
        self._own_stream = None if stream is given else stream
        self._lock = threading.RLock()  # ipykernel 7 handles the browser's messages in a separate thread
        self._live, self._loaded = LiveTracker(load_model(model), smooth=smooth), model
        self._loading, self._chosen = threading.RLock(), model  # one model is loaded at a time
        self._listeners: list[Callable[[Poses], object]] = []
        self._recording = Recording()
        self._requests = itertools.count(1)
        self._answers: dict[int, bytes] = {}
        self._heard = threading.Condition()
        # Frames have their own channel: with one channel for everything, ipykernel 7 makes them wait for a cell that sets a trait.
        channel = Widget()
        channel.on_msg(self._on_message)
        self._handlers: dict[str, Callable[..., None]] = {kind: getattr(self, f"_on_{kind}") for kind in self._kinds}
        self._handlers["clip"] = lambda request, _: send_clip(channel, stream, request["client"])
        self._client: str | None = None  # the browser tab that sends frames
        self._thread: int | None = None
        self._start_wanted = False
        super().__init__(
            stream=stream,
            model=model,
            threshold=threshold,
            mirror=faces_user(stream) if mirror is None else mirror,
            smooth=smooth,
            show_crop=show_crop,
            backend=backend,
            poses=Poses.empty((0, 0)),
            _channel=channel,
            _models=list(dict.fromkeys([model, *NAMES])),
            **movement,
            **options,
        )

    def start(self) -> None:
        """Opens the camera and begins, as the widget's button does; or, if the widget is not shown yet, as soon as it is."""
        self._start_wanted = True
        self.send({"kind": "start"})

    def stop(self) -> None:
        """Stops and releases the camera, so that its light goes off."""
        self._start_wanted = False
        self.send({"kind": "stop"})

    def close(self) -> None:
        """Stops, and removes the widget."""
        super().close()
        if self.trait_has_value("_channel"):  # False if the constructor failed
            self._channel.close()
            if self._own_stream:
                self._own_stream.close()
            self.status = "closed"

    def on_pose(self, listener: Callable[[Poses], object]) -> None:
        """Calls `listener(poses)` after each frame. Its errors are shown in the widget and in `error`; other listeners go on."""
        self._listeners.append(listener)

    def record(self, seconds: float) -> pandas.DataFrame:
        """Records the tracks of the next seconds.

        Args:
            seconds: how long to record, up to 600.

        Returns:
            A table as `annotate_video` returns it: frame, time (from 0, in seconds), id, person, keypoint, x, y, score. It is
            shorter if the recording is stopped early.

        Raises:
            PosekitError: `seconds` is out of range, the widget is not live, or no frame arrives.
        """
        if not 0 < seconds <= MAX_RECORDING:
            raise PosekitError(f"a recording takes 0 to {MAX_RECORDING:g} seconds, not {seconds:g}")
        self._must_be_live()
        self._recording.start(seconds)
        self.send({"kind": "record", "on": True})  # the widget shows it
        try:
            self._wait(lambda: not self._recording.running, seconds)
        finally:  # even if the cell is interrupted
            self._recording.stop()
            self.send({"kind": "record", "on": False})
        if not len(self._recording):
            raise PosekitError(
                f"no frame arrived within {seconds:g} seconds. Some kernels hear the browser only between cells: "
                "then record with the widget's button, and read `recording` in the next cell"
            )
        return self.recording

    @property
    def recording(self) -> pandas.DataFrame:
        """The tracks last recorded by `record` or the widget's button."""
        return self._recording.table()

    def snapshot(self) -> tuple[RGB, Poses]:
        """Takes the whole current picture, and finds the people in it.

        Returns:
            The picture, (H, W, 3) uint8 RGB, not mirrored; and the people that the model finds in it.

        Raises:
            PosekitError: the widget is not live, or the browser does not answer.
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
        return wait_for(done, seconds, self._heard, same_thread=self._thread == threading.get_ident())

    def _on_message(self, _: object, content: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        """Handles what the browser sends. Jupyter would swallow errors here, so the widget shows them."""
        self._thread = threading.get_ident()
        try:
            with self._lock:
                if self.status != "closed":
                    self._handlers[content["kind"]](content, buffers)
        except Exception as error:
            self._report(in_words(error), content)
        with self._heard:
            self._heard.notify_all()

    def _on_hello(self, request: Mapping[str, Any], _: object) -> None:
        """A browser now has the widget, shown or not; earlier messages may be lost. It starts once the widget has a view."""
        greeting = {"client": request["client"], "number": request.get("number")}  # with which it measures the round trip
        self._channel.send({"kind": "welcome", **greeting, "start": self._start_wanted})

    def _on_status(self, report: Mapping[str, Any], _: object) -> None:
        if report["status"] == "opening":
            self._start_wanted = False
            self._live.reset()
            self._on_recount()
            if self._client not in (None, report["client"]):  # the notebook is open twice, but one camera is enough
                self._channel.send({"kind": "stop", "client": self._client})
            self._client = report["client"]
        if report["client"] == self._client:
            self.status, self.error = report["status"], report["error"]
            if self.status not in (*RUNNING, "opening"):
                self._recording.stop()

    def _on_record(self, request: Mapping[str, Any], _: object) -> None:
        self._recording.start() if request["on"] else self._recording.stop()

    def _on_snapshot(self, answer: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        self._answers[answer["request"]] = bytes(buffers[0])

    @traitlets.observe("model")
    @guarded
    def _change_model(self, change: Mapping[str, Any]) -> None:
        """Loads the model that was chosen last. A later choice waits here, and then loads its own model."""
        self._chosen = change["new"]
        with self._loading:
            while (name := self._chosen) != self._loaded:
                self._load(name)

    def _load(self, name: str) -> None:
        self.send({"kind": "loading", "model": name})
        try:
            model = load_model(name)  # this may take a while; meanwhile the old model answers frames
            with self._lock:
                self._live, self._loaded = LiveTracker(model, smooth=self.smooth), name
        except Exception as error:
            self.error = in_words(error)
            self.send({"kind": "error", "text": self.error})
            if self._chosen == name:
                self.model = self._chosen = self._loaded
        finally:
            self.send({"kind": "loading", "model": ""})

    def __repr__(self) -> str:
        return f"LivePose({self.model}, {self.status}, {self.frames} frames)"
