"""UploadPose: choose a photo in the browser and see its pose beside it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from posekit.drawing import draw, encode_png
from posekit.errors import ImageError, PosekitError, UnknownModelError, nearest
from posekit.estimate import NAMES, PoseModel, load_model
from posekit.frontend.assets import bundle, css
from posekit.frontend.shared import PIECE
from posekit.image import MAX_DOWNLOAD, RGB, read_image
from posekit.pose import THRESHOLD, Poses, count_people
from posekit.widgets.guard import call_listeners, guarded, in_words, refuse_unknown
from posekit.widgets.pose_viewer import encode, send_picture, shown

#: The largest file that is accepted, in bytes.
MAX_UPLOAD = MAX_DOWNLOAD

#: The models offered in the browser; from Python, every name of `load_model` works.
CHOICES = tuple(name for name in NAMES if not name.endswith("int8"))


@dataclass
class _Upload:
    """A file that is arriving from the browser."""

    key: str
    name: str
    size: int
    content: bytearray = field(default_factory=bytearray)


class UploadPose(anywidget.AnyWidget):
    """Choose, drop or paste a photo: it appears beside its pose, with a table of the keypoints and downloads of both.

    The photo goes to the notebook's kernel, nowhere else, and is not stored.

    Args:
        model: a name for `load_model`; loaded when the first photo arrives.
        threshold: keypoints with a lower score are not drawn.
        options: `layout`, as for all ipywidgets.

    Attributes:
        model: the model's name; when it changes, the pose is estimated again.
        threshold: the lowest score of keypoints that are drawn, 0…1.
        image: the photo, upright: (H, W, 3) uint8 RGB; None before the first photo.
        poses: the people in it; None before the first photo.
        name: the name of the photo's file.
        selected: the joint under the pointer or with the focus: `{"person": 0, "keypoint": "left_wrist"}`, or None.
        status: what is happening, in words.
        error: what went wrong last; empty if nothing has.

    Raises:
        UnknownModelError: there is no model of that name.
    """

    _esm = bundle("upload_pose")
    _css = css("base", "figure", "upload_pose")

    model = traitlets.Unicode("lightning", help="the name of the model").tag(sync=True)
    threshold = traitlets.Float(THRESHOLD, min=0, max=1, help="keypoints with a lower score are not drawn").tag(sync=True)
    name = traitlets.Unicode("", help="the name of the photo's file").tag(sync=True)
    selected: Any = traitlets.Dict(default_value=None, allow_none=True, help="the joint that is pointed at").tag(sync=True)
    status = traitlets.Unicode("", help="what the widget is doing").tag(sync=True)
    error = traitlets.Unicode("", help="the last error").tag(sync=True)
    poses = traitlets.Any(None, help="the people in the photo")
    _models = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _limit = traitlets.Int(MAX_UPLOAD).tag(sync=True)
    _busy = traitlets.Bool(False).tag(sync=True)
    _shown: Any = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)

    def __init__(self, model: str = "lightning", threshold: float = THRESHOLD, **options: Any) -> None:
        refuse_unknown(type(self), options)
        self._lock = threading.RLock()  # with ipykernel 7 the browser's messages arrive in a separate thread
        self._image: RGB | None = None
        self._loaded: dict[str, PoseModel] = {}
        self._used = ""
        self._upload: _Upload | None = None
        self._listeners: list[Callable[[Poses], object]] = []
        super().__init__(model=model, threshold=threshold, _models=list(dict.fromkeys([*CHOICES, model])), **options)
        self.on_msg(self._on_message)

    @property
    def image(self) -> RGB | None:
        """The photo, upright: (H, W, 3) uint8 RGB; None before the first photo."""
        return self._image

    def on_pose(self, function: Callable[[Poses], object]) -> Callable[[Poses], object]:
        """Calls `function(poses)` after each result. Returns it, so that it can be used as a decorator."""
        self._listeners.append(function)
        return function

    def read(self, source: Any, name: str = "") -> Poses:
        """Does from Python what choosing a file does in the browser.

        Args:
            source: anything that `posekit.read_image` takes.
            name: the name of the file; by default that of `source`.

        Returns:
            The people.

        Raises:
            ImageError: the picture cannot be read; the last result stays, and the widget shows the message, too.
            DownloadError: the model is missing and cannot be fetched.
        """
        with self._lock, self._at_work("Reading the picture…"):
            image = read_image(source)
            poses = self._find(image)
            self._image = image
            self._show(poses, _plain(name or (os.fspath(source) if isinstance(source, (str, os.PathLike)) else "picture")))
            send_picture(self, encode(image))
        return poses

    @contextlib.contextmanager
    def _at_work(self, status: str) -> Iterator[None]:
        self._busy, self.status, self.error = True, status, ""
        try:
            yield
        except Exception as error:
            self.error = in_words(error)
            self.status = "" if self._image is None else f"{self.name} stays as it was."
            raise
        finally:
            self._busy = False

    def _find(self, image: RGB) -> Poses:
        name = self.model
        if name not in self._loaded:
            self.status = f"Loading the model {name}…"
            self._loaded[name] = load_model(name)
        self.status = "Looking for people…"
        poses = self._loaded[name](image)
        self._used = name
        return poses

    def _show(self, poses: Poses, name: str) -> None:
        with self.hold_sync():
            self.name, self.poses, self.selected = name, poses, None
            self._shown = shown(poses, name=name, model=self._used)
            self.status = f"{self._used} found {count_people(len(poses))} in {name}."
        if problems := call_listeners(self._listeners, poses):
            self.error = problems

    @traitlets.validate("model")
    def _check_model(self, proposal: Any) -> str:
        name: str = proposal["value"]
        if name not in NAMES:
            raise UnknownModelError(f"there is no model {name!r}; {nearest(name, NAMES)}")
        return name

    @traitlets.observe("model")
    @guarded
    def _look_again(self, change: Any) -> None:
        with self._lock:
            if self._image is None or change["new"] == self._used:
                return
            try:
                with self._at_work("Looking again…"):
                    self._show(self._find(self._image), self.name)
            except Exception:
                self.model = self._used  # the model that found the result
                raise

    @guarded
    def _on_message(self, _: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        with self._lock:
            kind = content.get("kind")
            if kind == "ready" and self._image is not None:
                send_picture(self, encode(self._image))
            elif kind == "begin":
                self._begin(_Upload(str(content["key"]), _plain(str(content["name"])), int(content["size"])))
            elif kind == "piece" and self._upload and content.get("key") == self._upload.key:
                self._take(self._upload, bytes(buffers[0]))
            elif kind == "download":
                self._send_file(str(content["key"]), str(content["what"]))

    def _begin(self, upload: _Upload) -> None:
        self._upload, self.error = None, ""
        if upload.size > MAX_UPLOAD:
            raise ImageError(
                f"{upload.name} has {ceil(upload.size / 2**20)} MB; {MAX_UPLOAD >> 20} MB are allowed. Choose a smaller picture."
            )
        self._upload = upload
        self._take(upload, b"")

    def _take(self, upload: _Upload, piece: bytes) -> None:
        upload.content += piece
        self.send({"kind": "got", "key": upload.key, "bytes": len(upload.content)})
        if len(upload.content) < upload.size:
            return
        self._upload = None
        if len(upload.content) > upload.size:
            raise ImageError(f"{upload.name} is longer than the {upload.size} bytes that were announced; choose it again")
        file = io.BytesIO(upload.content)
        file.name = upload.name  # for error messages
        with contextlib.suppress(PosekitError):  # `read` has put it into `error`
            self.read(file, upload.name)

    def _send_file(self, key: str, what: str) -> None:
        name, kind, content = self._file(what)
        pieces = [content[i : i + PIECE] for i in range(0, len(content), PIECE)]
        for i, piece in enumerate(pieces):
            left = len(pieces) - 1 - i
            self.send({"kind": "file", "key": key, "name": name, "type": kind, "left": left}, buffers=[piece])

    def _file(self, what: str) -> tuple[str, str, bytes]:
        """The name, type and bytes of a download."""
        if self._image is None:
            raise PosekitError("there is nothing to download yet; choose a photo first")
        name = f"{Path(self.name).stem or 'picture'}_pose.{what}"
        if what == "png":
            return name, "image/png", encode_png(draw(self._image, self.poses, threshold=self.threshold))
        if what == "csv":
            return name, "text/csv", self.poses.to_pandas().to_csv(index=False).encode()
        return name, "application/json", json.dumps(self.poses.to_coco()).encode()

    def __repr__(self) -> str:
        if self._image is None:
            return f"{type(self).__name__}({self.model}, no photo yet)"
        height, width = self._image.shape[:2]
        return f"{type(self).__name__}({self.model}, {self.name}: {width}×{height}, {count_people(len(self.poses))})"


def _plain(name: str) -> str:
    """The last part of a file's name, without unprintable characters: it is shown and suggested for downloads, never opened."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[-120:] or "picture"
