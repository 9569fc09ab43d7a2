"""Inside MoveNet: the outputs of its four heads, before they are turned into 17 points. For study, not for speed."""

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

#: The name of each head in the model file, and how many channels its output has.
_HEADS = {"center_0": 1, "kpt_heatmap_0": 17, "kpt_regress_0": 34, "kpt_offset_0": 34}


@dataclass(frozen=True)
class Heads:
    """The outputs of the four heads of a single-pose MoveNet, for each cell of an n × n grid over its square.

    Attributes:
        centre: (n, n) 0…1, how much a cell looks like the centre of a person.
        heatmaps: (n, n, 17) 0…1, how much it looks like each keypoint.
        regression: (n, n, 17, 2), if this cell is the centre of a person: the vector to each of their keypoints, x and y in cells.
        offsets: (n, n, 17, 2), if this cell has a keypoint: its position in the cell, x and y in cells from the upper left corner.
    """

    centre: Floats
    heatmaps: Floats
    regression: Floats
    offsets: Floats


def heads(path: str | os.PathLike[str], square: RGB) -> Heads:
    """Runs a model on a square and keeps the outputs of its four heads.

    Args:
        path: a float16 or float32 file of lightning or thunder, such as `load_model("lightning").path`.
        square: (S, S, 3) uint8 RGB, where S is the model's input size.

    Raises:
        PosekitError: the square has another size or type, or the file has no such heads.
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
    """The factors, (n, n) float32, by which a single-pose MoveNet multiplies its centre map to prefer the middle of the square.

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
    """How many multiplications the convolutions of one pass take, in the backbone and in each head.

    They are counted from the shapes in the file: each output value of a convolution takes one multiplication per weight it uses.

    Raises:
        PosekitError: the file is not a single-pose MoveNet, or its parts have no names.
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
        warnings.simplefilter("ignore", UserWarning)  # the warning that keeping all tensors takes memory, here about 30 MB
        return open_runtime(Path(path), 1, 192, keep=True)


def _head(runtime: Any, path: str | os.PathLike[str], name: str, channels: int) -> int:
    """The index of the tensor that holds a head's output."""
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
