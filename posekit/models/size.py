"""The input size of a TFLite file that takes pictures of any size, such as MultiPose's.

LiteRT.js cannot resize a model's input. But the size is in the file as plain numbers, so a copy for one size is the same file with
two numbers changed in two places. A browser that knows these places can make a copy for any size, without TensorFlow and without
another download.
"""

from __future__ import annotations

import numpy as np

from posekit.errors import PosekitError


def size_places(content: bytes) -> list[int]:
    """The places in a TFLite file of any input size where that size is stored.

    Args:
        content: that of the file.

    Returns:
        Offsets in bytes, each of a little-endian int32 height that is followed by the width.

    Raises:
        PosekitError: the model takes pictures of one size only.
    """
    from ai_edge_litert import schema_py_generated as schema

    file = np.frombuffer(content, np.uint8)
    graph = schema.Model.GetRootAs(content, 0).Subgraphs(0)
    tensor = graph.Tensors(graph.Inputs(0))
    vectors = [tensor.ShapeAsNumpy(), tensor.ShapeSignatureAsNumpy()]  # views of the file's bytes, or 0 where there is no vector
    if not all(isinstance(each, np.ndarray) and each.shape == (4,) for each in vectors) or vectors[1][1:3].tolist() != [-1, -1]:
        raise PosekitError("this model takes pictures of one size only, which cannot be changed")
    return [each[1:].__array_interface__["data"][0] - file.__array_interface__["data"][0] for each in vectors]
