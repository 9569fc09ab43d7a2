"""The server's own camera, or a clip: each frame is captured, estimated and encoded once, however many viewers there are."""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Generator, Iterator
from contextlib import closing

import cv2
import numpy as np

from posekit.drawing import draw, encode_jpeg
from posekit.drawing.encode import shrink
from posekit.errors import PosekitError, VideoError
from posekit.estimate import load_model
from posekit.image import RGB
from posekit.track import Tracker
from posekit.video import read_video
from posekit.web.limits import BusyError, Limit

#: The most viewers at the same time, in total and from one address; each occupies a thread of the server.
MAX_VIEWERS = 8
MAX_VISITOR_VIEWERS = 4

#: Seconds without a frame after which a viewer's picture ends.
FRAME_TIMEOUT = 10.0

#: How many seconds closing waits for the capture to end.
CLOSE_TIMEOUT = 1.0

#: The longer side of the largest frames that are sent, in pixels.
FEED_SIDE = 1280

BOUNDARY = "posekit-frame"


class Feed:
    """The camera is opened for the first viewer and released when the last one leaves.

    Args:
        source: the number of a camera (`"0"`), or the path of a clip, which plays in a loop at its own rate.
        model: a name for `load_model`.
        frame_timeout: seconds without a frame after which a viewer's picture ends.

    Attributes:
        source: as given.
        state: `"off"` without viewers, `"opening"`, `"live"`, or `"failed"`.
        error: why it failed, in words and without paths; otherwise empty.
        frames: how many frames have been shown since it was opened.
        viewers: the viewers, as a `Limit`.
        closing: when this is set, the capture ends after its next frame.

    Raises:
        VideoError: the clip cannot be read.
        MissingExtraError: a clip needs `posekit[video]`; a camera does not.
    """

    def __init__(self, source: str, model: str, *, frame_timeout: float = FRAME_TIMEOUT) -> None:
        self.source = source
        self.is_camera = source.isdecimal()
        if not self.is_camera:
            read_video(source)
        self.state, self.error, self.frames = "off", "", 0
        self._model = model
        self._frame_timeout = frame_timeout
        self.viewers = Limit(MAX_VIEWERS, MAX_VISITOR_VIEWERS, "too many people watch this camera already; please try again later.")
        self.closing = False
        self._jpeg = b""
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None  # None as soon as it is about to end
        self._last: threading.Thread | None = None

    def join(self, viewer: str = "") -> None:
        """Adds a viewer, who must `leave` later.

        Args:
            viewer: the viewer's address, for the limit of viewers from one address.

        Raises:
            BusyError: there are too many, or the server is stopping.
        """
        with self._changed:
            if self.closing:
                raise BusyError("this server is stopping")
            self.viewers.acquire(viewer)
            if self._thread is None:
                self.state, self.error, self.frames, self._jpeg = "opening", "", 0, b""
                before = self._last
                self._last = self._thread = threading.Thread(target=self._capture, args=[before], name="posekit-feed", daemon=True)
                self._thread.start()

    def leave(self, viewer: str = "") -> None:
        """Removes a viewer; when none are left, the camera is released after its next frame."""
        with self._changed:
            self.viewers.release(viewer)

    def parts(self) -> Iterator[bytes]:
        """Yields each newest frame as a part of a multipart/x-mixed-replace response, until the capture ends."""
        number, jpeg = self._next(0)
        while jpeg:
            head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            yield head.encode() + jpeg + b"\r\n"
            number, jpeg = self._next(number)

    def _next(self, seen: int) -> tuple[int, bytes]:
        """The number and the content of the newest frame after number `seen`; empty if no more frames come."""
        with self._changed:
            new = self._changed.wait_for(lambda: self.frames > seen or self._thread is None, timeout=self._frame_timeout)
            return self.frames, self._jpeg if new and self._thread else b""

    def close(self) -> None:
        """Ends the capture and with it the viewers' pictures. It does not wait for a driver that hangs."""
        self.closing = True
        if self._last:
            self._last.join(CLOSE_TIMEOUT)

    def _capture(self, before: threading.Thread | None) -> None:
        if before:
            before.join()  # waits until it has released the camera
        state, error = "off", ""
        try:
            tracker = Tracker(load_model(self._model, threads=1))
            with closing(self._camera() if self.is_camera else self._clip()) as frames:
                for frame in frames:
                    if self._show(encode_jpeg(draw(frame, tracker(frame)), quality=85)):
                        break
        except PosekitError as problem:
            text = str(problem) if self.is_camera else str(problem).replace(self.source, "the clip")  # visitors see no paths
            state, error = "failed", text
        except Exception as problem:  # a camera's driver can raise anything
            state, error = "failed", f"the camera's picture cannot be shown: {type(problem).__name__}"
        with self._changed:
            if self._last is threading.current_thread():
                self.state, self.error, self._thread = state, error, None
            self._changed.notify_all()

    def _show(self, jpeg: bytes) -> bool:
        """Shows a frame to the viewers; returns True if none are left: then the capture ends, and the next viewer starts one."""
        with self._changed:
            self.state, self._jpeg = "live", jpeg
            self.frames += 1
            self._changed.notify_all()
            if done := not len(self.viewers) or self.closing:
                self.state, self._thread = "off", None
            return done

    def _camera(self) -> Generator[RGB, None, None]:
        camera = cv2.VideoCapture(int(self.source))
        try:
            if not camera.isOpened():
                raise VideoError(f"this server has no camera {self.source}, or another program is using it")
            while True:
                got, frame = camera.read()
                if not got:
                    raise VideoError(f"camera {self.source} gives no picture any more: was it unplugged?")
                yield shrink(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False), FEED_SIDE)
        finally:
            camera.release()

    def _clip(self) -> Generator[RGB, None, None]:
        while True:
            video = read_video(self.source)
            start, time = clock.monotonic(), 0.0
            for time, frame in video.timed():
                clock.sleep(max(0.0, start + time - clock.monotonic()))
                yield shrink(frame, FEED_SIDE)
            clock.sleep(max(0.0, start + time + 1 / video.fps - clock.monotonic()))
