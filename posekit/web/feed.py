"""The server's own camera, or a clip: one capture, one look at each frame, and every viewer gets the same JPEG."""

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
from posekit.web.pool import BusyError

#: Viewers at the same time; each occupies a thread of the server.
MAX_VIEWERS = 8

#: Seconds without a frame after which a camera counts as gone.
SILENT = 5.0

#: The largest frames that are sent, in pixels a side.
FEED_SIDE = 1280

BOUNDARY = "posekit-frame"


class Feed:
    """The camera is opened for the first viewer and let go when the last one leaves.

    Args:
        source: number of a camera (`"0"`), or the path of a clip, which plays again and again at its own rate.
        model: a name for `load_model`.

    Attributes:
        source: as given.
        state: `"off"` without viewers, `"opening"`, `"live"`, or `"failed"`.
        error: why it failed, in words; else empty.
        frames: how many were looked at since it was opened.
        closing: set it, and the capture ends after its next frame.

    Raises:
        VideoError: the clip cannot be read.
    """

    def __init__(self, source: str, model: str) -> None:
        self.source = source
        self.is_camera = source.isdecimal()
        if not self.is_camera:
            read_video(source)
        self.state, self.error, self.frames = "off", "", 0
        self._model = model
        self._viewers = 0
        self.closing = False
        self._jpeg = b""
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None  # None as soon as it is on its way out
        self._last: threading.Thread | None = None

    def join(self) -> None:
        """One viewer more. Each must `leave`.

        Raises:
            BusyError: there are too many.
        """
        with self._news:
            if self._viewers >= MAX_VIEWERS or self.closing:
                raise BusyError(f"{MAX_VIEWERS} people watch this camera already; please try again later.")
            self._viewers += 1
            if self._thread is None:
                self.state, self.error, self.frames, self._jpeg = "opening", "", 0, b""
                before = self._last
                self._last = self._thread = threading.Thread(target=self._capture, args=[before], name="posekit-feed", daemon=True)
                self._thread.start()

    def leave(self) -> None:
        """One viewer less; without any the camera is let go after its next frame."""
        with self._news:
            self._viewers -= 1

    def parts(self) -> Iterator[bytes]:
        """The newest frame, again and again, as parts of a multipart/x-mixed-replace answer; ends when the capture does."""
        number, jpeg = self._next(0)
        while jpeg:
            head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            yield head.encode() + jpeg + b"\r\n"
            number, jpeg = self._next(number)

    def _next(self, seen: int) -> tuple[int, bytes]:
        """The newest frame after number `seen`, and its number; empty where no more comes."""
        with self._news:
            new = self._news.wait_for(lambda: self.frames > seen or self._thread is None, timeout=2 * SILENT)
            return self.frames, self._jpeg if new and self._thread else b""

    def close(self) -> None:
        """Ends the capture; the viewers' answers end, too."""
        self.closing = True
        if self._last:
            self._last.join(SILENT)

    def _capture(self, before: threading.Thread | None) -> None:
        if before:
            before.join()  # until it has let the camera go
        state, error = "off", ""
        try:
            tracker = Tracker(load_model(self._model, threads=1))
            with closing(self._camera() if self.is_camera else self._clip()) as frames:
                for frame in frames:
                    if self._show(encode_jpeg(draw(frame, tracker(frame)), quality=85)):
                        break
        except PosekitError as problem:
            state, error = "failed", str(problem)
        except Exception as problem:  # a camera's driver can raise anything
            state, error = "failed", f"the camera's picture cannot be shown: {type(problem).__name__}"
        with self._news:
            if self._last is threading.current_thread():
                self.state, self.error, self._thread = state, error, None
            self._news.notify_all()

    def _show(self, jpeg: bytes) -> bool:
        """Gives a frame to the viewers. True where there are none any more: then the next one begins anew."""
        with self._news:
            self.state, self._jpeg = "live", jpeg
            self.frames += 1
            self._news.notify_all()
            if done := self._viewers == 0 or self.closing:
                self.state, self._thread = "off", None
            return done

    def _camera(self) -> Generator[RGB, None, None]:
        camera = cv2.VideoCapture(int(self.source))
        try:
            if not camera.isOpened():
                raise VideoError(f"this server has no camera {self.source}, or another program uses it")
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
