"""Inside MoveNet: what its four heads see, before they are turned into 17 points; for looking at, not for speed."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from posekit.errors import PosekitError
from posekit.estimate.interpreter import open_runtime
from posekit.image import RGB, Floats

#: The name that each head has in the model file, and how many channels it ends in.
_HEADS = {"center_0": 1, "kpt_heatmap_0": 17, "kpt_regress_0": 34, "kpt_offset_0": 34}


@dataclass(frozen=True)
class Heads:
    """What the four heads of a single-pose MoveNet answer, for each cell of a grid over its square, n × n.

    Attributes:
        centre: (n, n) 0…1, how much a cell looks like the middle of a person.
        heatmaps: (n, n, 17) 0…1, how much it looks like each keypoint.
        regression: (n, n, 17, 2) if the middle of a person is here: the way to each of their keypoints, x and y in cells.
        offsets: (n, n, 17, 2) if a keypoint is here: where in the cell, x and y in cells from its upper left corner.
    """

    centre: Floats
    heatmaps: Floats
    regression: Floats
    offsets: Floats


def heads(path: str | os.PathLike[str], square: RGB) -> Heads:
    """Runs a model on a square, and keeps what its four heads answer.

    Args:
        path: a float16 or float32 file of lightning or thunder, such as `load_model("lightning").path`.
        square: (S, S, 3) uint8 RGB, where S is the model's input size.

    Raises:
        PosekitError: the square has another size, or the file has no such heads.
        UnknownModelError: there is no such file, or it is not a TFLite model.
    """
    runtime = _opened(path)
    given = runtime.get_input_details()[0]
    wanted = tuple(given["shape"][1:].tolist())
    if square.dtype != np.uint8 or square.shape != wanted:
        raise PosekitError(f"expected a square {wanted} of uint8, got {square.dtype} {square.shape}")
    found = [_head(runtime, path, name, channels) for name, channels in _HEADS.items()]
    runtime.set_tensor(given["index"], square[None].astype(given["dtype"]))
    runtime.invoke()
    centre, heatmaps, regression, offsets = (runtime.get_tensor(index)[0] for index in found)
    return Heads(_sigmoid(centre[..., 0]), _sigmoid(heatmaps), _ways(regression), _ways(offsets))


def centre_weights(path: str | os.PathLike[str]) -> Floats:
    """(n, n) the factors by which a single-pose MoveNet multiplies its centre map, so that it prefers the middle.

    Raises:
        PosekitError: the file has no such weights.
        UnknownModelError: there is no such file, or it is not a TFLite model.
    """
    runtime = _opened(path)
    for tensor in runtime.get_tensor_details():
        if tensor["name"].endswith("truediv_2_recip"):
            weights: Floats = runtime.get_tensor(tensor["index"]).astype(np.float32)[..., 0]
            return weights
    raise PosekitError(f"{path} has no weights for the middle: is it a float16 file of lightning or thunder?")


def multiplications(path: str | os.PathLike[str]) -> dict[str, int]:
    """How many multiplications one pass takes, in the backbone and in each head.

    Counted from the shapes in the file: every number that a convolution gives costs one multiplication for each weight it uses.

    Raises:
        PosekitError: the file cannot be read as a MoveNet.
        UnknownModelError: there is no such file, or it is not a TFLite model.
    """
    runtime = _opened(path)
    tensors = {tensor["index"]: tensor for tensor in runtime.get_tensor_details()}
    count: Counter[str] = Counter()
    for operation in runtime._get_ops_details():
        kind = operation["op_name"]
        if kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            out, weights = (tensors[operation[key][i]] for key, i in (("outputs", 0), ("inputs", 1)))
            each = int(np.prod(weights["shape"][1:3])) * (int(weights["shape"][3]) if kind == "CONV_2D" else 1)
            part = next((name for name in _HEADS if name in out["name"]), "backbone")
            count[part] += int(np.prod(out["shape"])) * each
    if set(count) != {"backbone", *_HEADS}:
        raise PosekitError(f"{path} is not a single-pose MoveNet whose parts have names; it has {', '.join(count) or 'none'}")
    return dict(count)


def _opened(path: str | os.PathLike[str]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that keeping all tensors needs memory: here some 30 MB
        return open_runtime(Path(path), 1, 192, keep=True)


def _head(runtime: Any, path: str | os.PathLike[str], name: str, channels: int) -> int:
    """The index of the tensor in which a head ends."""
    for tensor in reversed(runtime.get_tensor_details()):
        shape = tensor["shape"]
        grid = len(shape) == 4 and shape[1] == shape[2] > 1 and shape[3] == channels
        if name in tensor["name"] and grid and tensor["dtype"] == np.float32:
            return int(tensor["index"])
    raise PosekitError(f"{path} has no head {name} in floating point: is it a float16 file of lightning or thunder?")


def _ways(numbers: Floats) -> Floats:
    """(n, n, 34) y and x of each keypoint → (n, n, 17, 2) x and y."""
    turned: Floats = numbers.reshape(*numbers.shape[:2], 17, 2)[..., ::-1]
    return turned


def _sigmoid(logits: Floats) -> Floats:
    result: Floats = (0.5 + 0.5 * np.tanh(logits / 2)).astype(np.float32)
    return result
