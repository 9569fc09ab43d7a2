"""MoveNet as TensorFlow.js graph weights → SavedModel and TFLite. The only module that imports tensorflow.

Where the official hosts cannot be reached, two npm packages carry the same MoveNet weights in the format of TensorFlow.js:
the graph as JSON and the weights as float16. The graph is a TensorFlow GraphDef after grappler's fusing, so undoing the fusing
gives a graph that TensorFlow's own converter accepts.
"""

from __future__ import annotations

import base64
import copy
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from posekit.errors import require

Node = dict[str, Any]


def read_graph(model_json: Path, weights_bin: Path) -> list[Node]:
    """Reads a TensorFlow.js graph model, with the weights put into its `Const` nodes.

    Args:
        model_json: the graph; its weights manifest lists the contents of `weights_bin` in order.
        weights_bin: the weights, one after another, float16 or int32.
    """
    model = json.loads(model_json.read_bytes())
    raw, values, offset = weights_bin.read_bytes(), {}, 0
    for weight in model["weightsManifest"][0]["weights"]:
        stored = np.dtype(weight.get("quantization", weight)["dtype"])
        count = int(np.prod(weight["shape"], dtype=np.int64))
        values[weight["name"]] = np.frombuffer(raw, stored, count, offset).astype(weight["dtype"]).reshape(weight["shape"])
        offset += count * stored.itemsize
    nodes = []
    for node in model["modelTopology"]["node"]:
        node = copy.deepcopy(node)
        if node["op"] == "Const":
            node["attr"]["value"] = {"tensor": _tensor_json(values[node["name"]])}
        nodes.extend(_plain(node))
    return nodes


def _tensor_json(value: np.ndarray) -> Node:
    return {
        "dtype": {"float32": "DT_FLOAT", "int32": "DT_INT32"}[value.dtype.name],
        "tensorShape": {"dim": [{"size": str(n)} for n in value.shape]},
        "tensorContent": base64.b64encode(value.tobytes()).decode(),
    }


def _plain(node: Node) -> list[Node]:
    """The node itself, or the plain nodes that replace a fused or otherwise inconvertible one."""
    if node["op"] in ("_FusedConv2D", "FusedDepthwiseConv2dNative"):
        return _unfused(node)
    if node["op"] == "StridedSlice" and int(node["attr"].get("new_axis_mask", {}).get("i", 0)):
        return _axes_first(node)
    return [node]


def _unfused(node: Node) -> list[Node]:
    """Convolution → BiasAdd → activation; the last one keeps the name, so that nothing downstream changes."""
    attr, name, kind = node["attr"], node["name"], {"T": {"type": "DT_FLOAT"}}
    steps = [base64.b64decode(s).decode() for s in attr["fused_ops"]["list"]["s"]]
    kept = ("T", "strides", "padding", "data_format", "dilations")
    op = "Conv2D" if node["op"] == "_FusedConv2D" else "DepthwiseConv2dNative"
    out = [{"name": name, "op": op, "input": node["input"][:2], "attr": {k: attr[k] for k in kept}}]
    for step in steps:
        out[-1]["name"] = f"{name}/before_{step}"
        more = node["input"][2:3] if step == "BiasAdd" else []
        out.append({"name": name, "op": step, "input": [out[-1]["name"], *more], "attr": kind})
    return out


def _axes_first(node: Node) -> list[Node]:
    """x[:, None, :k] → ExpandDims, then an ordinary slice: the converter accepts no new axis where sizes are unknown."""
    attr = node["attr"]
    mask = int(attr["new_axis_mask"]["i"])
    out, source = [], node["input"][0]
    for axis in (i for i in range(8) if mask >> i & 1):
        at = f"{node['name']}/axis_{axis}"
        value = {"tensor": _tensor_json(np.array(axis, np.int32))}
        out.append({"name": at, "op": "Const", "attr": {"dtype": {"type": "DT_INT32"}, "value": value}})
        kind = {"T": attr["T"], "Tdim": {"type": "DT_INT32"}}
        source, inputs = f"{node['name']}/expand_{axis}", [source, at]
        out.append({"name": source, "op": "ExpandDims", "input": inputs, "attr": kind})
    attr["new_axis_mask"] = {"i": "0"}
    for whole in ("begin_mask", "end_mask"):
        attr[whole] = {"i": str(int(attr.get(whole, {}).get("i", 0)) | mask)}
    return [*out, {**node, "input": [source, *node["input"][1:]]}]


def _concrete(nodes: list[Node], dtype: str) -> Any:
    """A TensorFlow function, image → keypoints, whose input is of `dtype` (`"int32"` or `"uint8"`)."""
    tf = tensorflow()
    from google.protobuf import json_format

    nodes = copy.deepcopy(nodes)
    kind = {"type": {"int32": "DT_INT32", "uint8": "DT_UINT8"}[dtype]}
    for node in nodes:
        if node["op"] == "Placeholder":
            node["attr"]["dtype"] = kind
        elif node["op"] == "Cast" and node["input"] == ["input"]:
            node["attr"]["SrcT"] = kind
    graph = json_format.ParseDict({"node": nodes}, tf.compat.v1.GraphDef())
    whole = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(graph, name=""), [])
    return whole.prune("input:0", {"output_0": "Identity:0"})


def write_saved_model(nodes: list[Node], folder: Path) -> None:
    """Writes a SavedModel with the signature of the official one: `serving_default`, int32 `input` → `output_0`."""
    tf = tensorflow()
    model = tf.Module()
    model.pose = _concrete(nodes, "int32")
    tf.saved_model.save(model, str(folder), signatures={"serving_default": model.pose})


def to_tflite(nodes: list[Node]) -> bytes:
    """The graph as a TFLite file, with uint8 input and float16 weights like Google's own files."""
    tf = tensorflow()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([_concrete(nodes, "uint8")])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    content: bytes = converter.convert()
    return content


def tensorflow() -> Any:
    """TensorFlow, imported.

    Raises:
        MissingExtraError: it is not installed.
    """
    # The C++ code logs at length about the processor; at level 3 fatal errors are still shown.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return require("tensorflow", extra="convert")


def main() -> None:
    """Reads a request per line from stdin, and prints TensorFlow's version when that model has been made.

    A request is a JSON list of three paths: the graph, the weights, and the target, a .tflite file or a folder for a SavedModel.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # so that nothing TensorFlow prints is taken for an answer
    version = tensorflow().__version__
    for line in sys.stdin:
        graph, weights, target = map(Path, json.loads(line))
        nodes = read_graph(graph, weights)
        if target.suffix == ".tflite":
            target.write_bytes(to_tflite(nodes))
        else:
            write_saved_model(nodes, target)
        print(version, file=answers, flush=True)


if __name__ == "__main__":
    main()
