"""PostureRecorder: a live picture with a button for each posture, which collects examples of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import traitlets

from posekit.errors import PosekitError
from posekit.frontend.assets import bundle, css
from posekit.motion import PostureClassifier, pose_of
from posekit.pose import Pose
from posekit.widgets.live_pose import LivePose


class PostureRecorder(LivePose):
    """Collects examples of postures from a live picture, for a `PostureClassifier`.

    The button of a class, or its key 1–9, collects the current pose of the first person; while held, five per second. The points
    are sent with the press, so a busy kernel gets them later, and none are lost. No picture is kept.

    Args:
        stream: as for `LivePose`.
        classes: the names of the postures; more can be added in the widget. Examples of `"unknown"` are of none of the others.
        options: everything that `LivePose` takes.

    Attributes:
        examples: a pose for each example, in pixels of the stream's picture; they remain when the widget is closed.
        labels: the class of each example.

    Raises:
        PosekitError: a class has no name, or two share one; or as for `LivePose`.
    """

    _esm = bundle("posture_recorder")
    _css = css("base", "live_pose", "repetitions", "posture_recorder")
    _kinds = (*LivePose._kinds, "collect", "undo")

    classes = traitlets.List(traitlets.Unicode(), help="the names of the postures").tag(sync=True)
    _collected: Any = traitlets.Dict({"labels": [], "received": {}}).tag(sync=True)  # what the widget shows

    def __init__(self, stream: Any, classes: Sequence[str] = (), **options: Any) -> None:
        self.examples: list[Pose] = []
        self.labels: list[str] = []
        self._steps: dict[str, int] = {}  # the last step handled, for each browser tab
        super().__init__(stream, classes=_named(classes), **options)

    def undo(self) -> None:
        """Drops the last example, as the widget's button does."""
        with self._lock:
            del self.examples[-1:], self.labels[-1:]
            self._show_collected()

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Writes the examples into a folder, which `load` and `PostureClassifier.load` read.

        Args:
            folder: the folder, which is created if it is missing.
            overwrite: whether to replace existing examples.

        Returns:
            The folder.

        Raises:
            PosekitError: nothing was collected, or the folder already holds examples.
        """
        if (Path(folder) / "examples.parquet").exists() and not overwrite:
            raise PosekitError(f"{folder} holds examples already; load() adds them to these, overwrite=True replaces them")
        return PostureClassifier().fit(self.examples, self.labels).save(folder)

    def load(self, folder: str | Path) -> None:
        """Adds the examples that `save` or `PostureClassifier.save` wrote.

        Raises:
            PosekitError: the folder does not hold any.
        """
        saved = PostureClassifier.load(folder)
        with self._lock:
            self._add(saved.examples, saved.labels)

    def _add(self, examples: Sequence[Pose], labels: Sequence[str]) -> None:
        self.examples.extend(examples)
        self.labels.extend(labels)
        self.classes = list(dict.fromkeys([*self.classes, *labels]))
        self._show_collected()

    def _show_collected(self) -> None:
        self._collected = {"labels": list(self.labels), "received": dict(self._steps)}

    def _on_collect(self, request: Mapping[str, Any], _: object) -> None:
        if self._is_new(request):
            width, height = request["size"]
            pose = pose_of(np.array(request["points"], np.float32), (int(width), int(height)))
            self._add([pose], [str(request["label"])])

    def _on_undo(self, request: Mapping[str, Any], _: object) -> None:
        if self._is_new(request):
            self.undo()

    def _is_new(self, request: Mapping[str, Any]) -> bool:
        """Whether a step is new: steps come in order, but twice where the browser could not know that they had arrived."""
        client, step = str(request["client"]), int(request["seq"])
        if step <= self._steps.get(client, 0):
            return False
        self._steps[client] = step
        return True

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} × {self.labels.count(name)}" for name in self.classes)
        return f"PostureRecorder({counts or 'no classes yet'})"


def _named(classes: Sequence[str]) -> list[str]:
    names = [classes] if isinstance(classes, str) else [str(name).strip() for name in classes]
    if not all(names) or len(set(names)) < len(names):
        raise PosekitError(f"expected names of postures, all different; got {classes!r}")
    return names
