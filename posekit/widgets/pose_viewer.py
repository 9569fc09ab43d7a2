"""PoseViewer: a picture with its people, whose joints show their names and scores; and what it shares with UploadPose."""

from __future__ import annotations

import math
from typing import Any

import anywidget
import traitlets

from posekit.drawing import encode_jpeg, encode_png, line_width, shrink
from posekit.errors import PosekitError
from posekit.frontend.assets import bundle, css
from posekit.image import RGB, read_image
from posekit.pose import THRESHOLD, Poses, count_people, keypoint_index
from posekit.widgets.guard import guarded, refuse_unknown

#: The parts of a body that can be shown and hidden; figure.js defines them.
PARTS = ("head", "torso", "arms", "legs")

#: The longer side of a picture as sent to the browser, in pixels. Coordinates stay those of the full picture.
SHOWN_SIDE = 1280

#: Pictures of up to this many pixels are sent losslessly.
SMALL = 256 * 256


class PoseViewer(anywidget.AnyWidget):
    """Shows a picture with its skeletons: point at a joint, or move to it with the arrow keys, to see its name and score.

    Args:
        image: anything that `posekit.read_image` takes.
        poses: the people in it, in pixels of `image`.
        threshold: keypoints with a lower score are hidden.
        options: any of the attributes below, and `layout`, as for all ipywidgets.

    Attributes:
        threshold: the lowest score of keypoints that are shown, 0…1.
        parts: which of head, torso, arms and legs are shown.
        names: whether joints are labelled with their names.
        picture: whether the picture is shown behind the skeletons.
        person: the number of the only person shown; None for all.
        selected: the joint under the pointer or with the focus: `{"person": 0, "keypoint": "left_wrist"}`, or None.
        poses: the people; may be replaced.
        error: what went wrong last; empty if nothing has.

    Raises:
        ImageError: the picture cannot be read.
        PosekitError: `poses` are not `Poses`, or belong to a picture of another size.
    """

    _esm = bundle("pose_viewer")
    _css = css("base", "figure", "pose_viewer")

    threshold = traitlets.Float(THRESHOLD, min=0, max=1, help="keypoints with a lower score are hidden").tag(sync=True)
    parts = traitlets.List(traitlets.Enum(PARTS), list(PARTS), help="the parts that are shown").tag(sync=True)
    names = traitlets.Bool(False, help="whether names stand beside the joints").tag(sync=True)
    picture = traitlets.Bool(True, help="whether the picture is shown behind the skeletons").tag(sync=True)
    person = traitlets.Int(None, allow_none=True, help="the number of the only person to show; None for all").tag(sync=True)
    selected: Any = traitlets.Dict(default_value=None, allow_none=True, help="the joint that is pointed at").tag(sync=True)
    error = traitlets.Unicode("", help="the last error").tag(sync=True)
    poses = traitlets.Any(help="the people, in pixels of the picture")
    _shown: Any = traitlets.Dict().tag(sync=True)

    def __init__(self, image: Any, poses: Poses, *, threshold: float = THRESHOLD, **options: Any) -> None:
        refuse_unknown(type(self), options)
        self._image = read_image(image)
        self._file = encode(self._image)
        super().__init__(poses=poses, threshold=threshold, **options)
        self.on_msg(self._on_message)

    @property
    def image(self) -> RGB:
        """The picture: (H, W, 3) uint8 RGB."""
        return self._image

    def show(self, image: Any, poses: Poses) -> None:
        """Shows another picture with its people.

        Raises:
            ImageError: the picture cannot be read.
            PosekitError: the poses belong to a picture of another size; the old picture stays.
        """
        picture = read_image(image)
        check_size(poses, picture)
        self._image, self._file = picture, encode(picture)
        self.poses = poses
        send_picture(self, self._file)

    @traitlets.validate("poses")
    def _check_poses(self, proposal: Any) -> Poses:
        return check_size(proposal["value"], self._image)

    @traitlets.observe("poses")
    def _tell_people(self, change: Any) -> None:
        people = len(self.poses)
        with self.hold_sync():
            self._shown = shown(self.poses)
            if self.person is not None and self.person >= people:
                self.person = None
            if self.selected and self.selected["person"] >= people:
                self.selected = None

    @traitlets.validate("person")
    def _check_person(self, proposal: Any) -> int | None:
        number: int | None = proposal["value"]
        if number is not None and not 0 <= number < max(1, len(self.poses)):
            raise PosekitError(f"there is no person {number}; {count_people(len(self.poses))} in this picture, counted from 0")
        return number

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> dict[str, Any] | None:
        chosen: dict[str, Any] | None = proposal["value"]
        if not chosen:
            return None
        if set(chosen) != {"person", "keypoint"}:
            raise PosekitError(f'selected is None or like {{"person": 0, "keypoint": "left_wrist"}}, not {chosen!r}')
        keypoint_index(chosen["keypoint"])
        return chosen

    @guarded
    def _on_message(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
        if content.get("kind") == "ready":
            send_picture(self, self._file)

    def __repr__(self) -> str:
        width, height = self.poses.size
        return f"{type(self).__name__}({width}×{height}, {count_people(len(self.poses))})"


def check_size(poses: Any, image: RGB) -> Poses:
    """Returns the poses if they belong to a picture of the size of `image`.

    Raises:
        PosekitError: they do not, or are not `Poses`.
    """
    if not isinstance(poses, Poses):
        raise PosekitError(f"expected Poses, got {type(poses).__name__}; posekit.load_model()(image) makes them")
    size = image.shape[1], image.shape[0]
    if tuple(poses.size) != size:
        raise PosekitError(
            f"the poses belong to a picture of {poses.size[0]}×{poses.size[1]} pixels, this one has {size[0]}×{size[1]}; "
            "find them in this picture"
        )
    return poses


def shown(poses: Poses, **more: str) -> dict[str, Any]:
    """What the front end draws: the size, each person's keypoints as [x, y, score] (None if missing), and the width of bones."""
    people = [
        {
            "points": [
                [round(x, 2), round(y, 2), round(score, 4)] if math.isfinite(x + y + score) else None
                for (x, y), score in zip(pose.xy.tolist(), pose.score.tolist(), strict=True)
            ],
            "bone": line_width(pose, poses.size),
            "confidence": round(pose.confidence, 4),
        }
        for pose in poses
    ]
    return {"size": list(poses.size), "people": people, **more}


def encode(image: RGB) -> tuple[str, bytes]:
    """The type and bytes of a picture file for the browser, at most `SHOWN_SIDE` wide and high. Small pictures become PNG."""
    pixels = shrink(image, SHOWN_SIDE)
    if pixels.shape[0] * pixels.shape[1] <= SMALL:
        return "image/png", encode_png(pixels)
    return "image/jpeg", encode_jpeg(pixels)


def send_picture(widget: Any, file: tuple[str, bytes]) -> None:
    """Sends the result of `encode` in a message, not as a trait: Colab loses buffers of widgets that are just being created."""
    widget.send({"kind": "picture", "type": file[0]}, buffers=[file[1]])
