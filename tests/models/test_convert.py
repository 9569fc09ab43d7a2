"""Tiny TensorFlow.js graphs, written by hand; the expected results come from paper, from NumPy's indexing, or from MoveNet."""

import base64
import json
import os
import subprocess
import sys
from importlib.metadata import version

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

import posekit
from posekit import Region
from posekit.models import convert
from posekit.models import store as models
from posekit.models.weights import Converter

FLOAT, INT = {"type": "DT_FLOAT"}, {"type": "DT_INT32"}


def node(name, op, *inputs, **attr):
    return {"name": name, "op": op, "input": list(inputs), "attr": attr}


def picture(*shape):
    """What all graphs begin with: the input and its cast to numbers."""
    sizes = [{"size": str(n)} for n in shape]
    return [
        node("input", "Placeholder", dtype=INT, shape={"shape": {"dim": sizes}}),
        node("cast", "Cast", "input", SrcT=INT, DstT=FLOAT, Truncate={"b": False}),
    ]


def fused(name, op, *inputs, steps):
    return node(
        name,
        op,
        *inputs,
        T=FLOAT,
        strides={"list": {"i": ["1", "1", "1", "1"]}},
        dilations={"list": {"i": ["1", "1", "1", "1"]}},
        padding={"s": _base64("VALID")},
        data_format={"s": _base64("NHWC")},
        explicit_paddings={"list": {}},
        epsilon={"f": 0},
        num_args={"i": "1"},
        fused_ops={"list": {"s": [_base64(step) for step in steps]}},
    )


def _base64(text):
    return base64.b64encode(text.encode()).decode()


def sliced(name, source, index, kind=FLOAT):
    """`source[index]` as a StridedSlice; returns its node, and its begin, end and strides as weights."""
    parts, masks = {"begin": [], "end": [], "strides": []}, dict.fromkeys(("begin", "end", "new_axis", "shrink_axis"), 0)
    for i, part in enumerate(index):
        masks["new_axis"] |= (part is None) << i
        masks["shrink_axis"] |= isinstance(part, int) << i
        if isinstance(part, int):
            part = slice(part, part + 1)
        part = part or slice(0, 0)
        masks["begin"] |= (part.start is None) << i
        masks["end"] |= (part.stop is None) << i
        for key, value in zip(parts, (part.start, part.stop, part.step or 1), strict=True):
            parts[key].append(value or 0)
    mask = {f"{key}_mask": {"i": str(value)} for key, value in masks.items() if value}
    weights = {f"{name}/{key}": np.array(values, np.int32) for key, values in parts.items()}
    return node(name, "StridedSlice", source, *weights, T=kind, Index=INT, **mask), weights


def write(folder, nodes, weights, half=True):
    """The two files of a TensorFlow.js graph model; float weights are stored as float16, as npm's MoveNet has them."""
    manifest, raw = [], b""
    for name, value in weights.items():
        nodes = [node(name, "Const", dtype=INT if value.dtype == np.int32 else FLOAT), *nodes]
        manifest.append({"name": name, "shape": list(value.shape), "dtype": value.dtype.name})
        if half and value.dtype == np.float32:
            manifest[-1]["quantization"] = {"dtype": "float16", "original_dtype": "float32"}
            value = value.astype(np.float16)
        raw += value.tobytes()
    model = {"format": "graph-model", "modelTopology": {"node": nodes}, "weightsManifest": [{"weights": manifest}]}
    (folder / "graph.json").write_text(json.dumps(model))
    (folder / "weights.bin").write_bytes(raw)
    return folder / "graph.json", folder / "weights.bin"


def constants(nodes):
    """Name → array of the Const nodes, read as protobuf's JSON format defines it."""
    kinds, found = {"DT_FLOAT": "<f4", "DT_INT32": "<i4"}, {}
    for const in (n for n in nodes if n["op"] == "Const"):
        tensor = const["attr"]["value"]["tensor"]
        shape = [int(dim["size"]) for dim in tensor["tensorShape"].get("dim", [])]
        found[const["name"]] = np.frombuffer(base64.b64decode(tensor["tensorContent"]), kinds[tensor["dtype"]]).reshape(shape)
    return found


# Reading


@pytest.mark.parametrize("half", [True, False])
def test_weights_come_back_in_their_order_shapes_and_types(half, tmp_path):
    weights = {
        "a": np.array([[0.5, -2], [1024, 0.25], [0, 3]], np.float32),
        "axis": np.array(-1, np.int32),
        "size": np.array([48, 70000], np.int32),
        "b": np.array([-0.125], np.float32),
    }
    found = constants(convert.read_graph(*write(tmp_path, [], weights, half)))
    assert found.keys() == weights.keys()
    for name, value in weights.items():
        assert found[name].dtype == value.dtype
        assert found[name].shape == value.shape
        assert found[name].tolist() == value.tolist()


def test_ordinary_nodes_stay_as_they_are(tmp_path):
    nodes = [*picture(1, 2, 2, 3), node("Identity", "Identity", "cast", T=FLOAT)]
    assert convert.read_graph(*write(tmp_path, nodes, {})) == nodes


@pytest.mark.parametrize(
    ("op", "plain"),
    [("_FusedConv2D", "Conv2D"), ("FusedDepthwiseConv2dNative", "DepthwiseConv2dNative")],
    ids=["full", "depthwise"],
)
@pytest.mark.parametrize("steps", [["BiasAdd"], ["BiasAdd", "Relu"], ["BiasAdd", "Relu6"]], ids="+".join)
def test_a_fused_convolution_becomes_a_chain_that_ends_under_its_name(op, plain, steps, tmp_path):
    nodes = [*picture(1, 2, 2, 3), fused("conv", op, "cast", "w", "b", steps=steps), node("Identity", "Identity", "conv", T=FLOAT)]
    chain = {n["name"]: n for n in convert.read_graph(*write(tmp_path, nodes, {}))}
    seen, name = [], "Identity"
    while chain[name]["op"] != plain:  # from the end to the convolution
        name = chain[name]["input"][0]
        seen.append(chain[name]["op"])
    assert seen == [*reversed(steps), plain]
    assert chain[name]["input"] == ["cast", "w"]
    assert chain[name]["attr"].keys() == {"T", "strides", "padding", "data_format", "dilations"}
    assert [n["input"][1:] for n in chain.values() if n["op"] in steps] == [["b"], []][: len(steps)]
    assert len(chain) == 4 + len(steps)  # names are not used twice


def test_a_slice_that_adds_axes_is_left_with_none(tmp_path):
    new, weights = sliced("new", "cast", (slice(None), None, slice(0, 2), None))
    plain, more = sliced("plain", "cast", (slice(None), slice(0, 2)))
    nodes = convert.read_graph(*write(tmp_path, [*picture(3, 4), new, plain], weights | more))
    assert [n["op"] for n in nodes].count("ExpandDims") == 2
    assert [int(n["attr"].get("new_axis_mask", {}).get("i", 0)) for n in nodes if n["op"] == "StridedSlice"] == [0, 0]
    assert plain in nodes  # untouched


# Running, with TensorFlow in a process of its own: it takes 1 GB and talks a lot

#: Pixels (red, green, blue) of a picture 2×2.
PIXELS = np.array([[[[1, 2, 3], [4, 5, 6]], [[0, 0, 0], [10, 0, 0]]]], np.uint8)

WEIGHTS = {
    # red - blue + 0.5 | (red + green) / 4 + 1, then Relu6:  0 0 / 0.5 6 (10.5 is cut) | 1.75 3.25 / 1 3.5
    "w": np.array([[[[1, 0.25], [0, 0.25], [-1, 0]]]], np.float32),
    "b": np.array([0.5, 1], np.float32),
    # sum - 1 = 5.5 | upper right - 8 × lower left + 0.5 = -4.25, which no Relu may cut
    "dw": np.array([[[[1], [0]], [[1], [1]]], [[[1], [-8]], [[1], [0]]]], np.float32),
    "db": np.array([-1, 0.5], np.float32),
}
EXPECTED = [5.5, -4.25]

SLICES = {
    "last": (slice(None), slice(None), slice(None), None),
    "first": (None, slice(None), slice(0, 2)),
    "between": (slice(None), None, slice(1, 3)),
    "two": (slice(None), None, slice(0, 3), None, slice(2, 5)),
    "neighbours": (slice(1, 3), None, None, slice(None, None, 2)),
    "with a number before": (1, None, slice(0, 2)),
    "with a number after": (slice(None), None, 2, slice(0, 4)),
    "backwards": (slice(None, None, -1), None, slice(3, 0, -2)),
}


def tensorflow(code, folder):
    """Runs `code` in a process with TensorFlow, in `folder`; its warnings are ignored."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-W", "ignore", "-c", code]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stderr


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The graph of `WEIGHTS` and two convolutions, with a slice that adds an axis: its two files' contents."""
    folder = tmp_path_factory.mktemp("tiny")
    cut, more = sliced("cut", "dw_out", (slice(None), None, 0))
    nodes = [
        *picture(1, 2, 2, 3),
        fused("conv", "_FusedConv2D", "cast", "w", "b", steps=["BiasAdd", "Relu6"]),
        fused("dw_out", "FusedDepthwiseConv2dNative", "conv", "dw", "db", steps=["BiasAdd"]),
        cut,
        node("Identity", "Identity", "cut", T=FLOAT),
    ]
    return [file.read_bytes() for file in write(folder, nodes, WEIGHTS | more)]


@pytest.fixture(scope="module")
def converted(tiny, tmp_path_factory):
    """The folder of `tiny.tflite` and of `saved`, the SavedModel, that one process of TensorFlow has made."""
    folder = tmp_path_factory.mktemp("converted")
    converter, processes = Converter(folder), set()
    try:
        for name in ("tiny.tflite", "saved"):
            assert converter.convert(*tiny, folder / name) == {"converter": f"tensorflow {version('tensorflow')}"}
            processes.add(converter._process.pid)
    finally:
        converter.close()
    assert len(processes) == 1
    return folder


@pytest.mark.slow
def test_the_tflite_file_takes_uint8_and_computes_what_the_graph_says(converted):
    interpreter = Interpreter(str(converted / "tiny.tflite"))
    interpreter.allocate_tensors()
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert taken["dtype"] == np.uint8
    assert taken["shape"].tolist() == [1, 2, 2, 3]
    interpreter.set_tensor(taken["index"], PIXELS)
    interpreter.invoke()
    assert interpreter.get_tensor(given["index"]).tolist() == [[[EXPECTED]]]


@pytest.mark.slow
def test_the_saved_model_takes_int32_and_computes_what_the_graph_says(converted, tmp_path):
    np.save(tmp_path / "pixels.npy", PIXELS.astype(np.int32))
    code = f"""
import numpy as np, tensorflow as tf
pose = tf.saved_model.load({str(converted / "saved")!r}).signatures["serving_default"]
(name, taken), = pose.structured_input_signature[1].items()
assert (name, taken.dtype, taken.shape) == ("input", tf.int32, (1, 2, 2, 3)), (name, taken)
given = pose(input=tf.constant(np.load("pixels.npy")))
assert list(given) == ["output_0"], given
np.save("given.npy", given["output_0"])
"""
    tensorflow(code, tmp_path)
    assert np.load(tmp_path / "given.npy").tolist() == [[[EXPECTED]]]


@pytest.mark.slow
def test_slices_that_add_axes_give_what_numpy_gives(tmp_path):
    numbers = np.arange(60, dtype=np.int32).reshape(3, 4, 5)
    np.save(tmp_path / "numbers.npy", numbers)
    for i, index in enumerate(SLICES.values()):
        cut, weights = sliced("cut", "input", index, INT)
        (tmp_path / str(i)).mkdir()
        write(tmp_path / str(i), [picture(3, 4, 5)[0], cut, node("Identity", "Identity", "cut", T=INT)], weights)
    code = f"""
import numpy as np, pathlib, tensorflow as tf
from posekit.models import convert
for i in map(pathlib.Path, map(str, range({len(SLICES)}))):
    convert.write_saved_model(convert.read_graph(i / "graph.json", i / "weights.bin"), i / "saved")
    run = tf.saved_model.load(str(i / "saved")).signatures["serving_default"]
    np.save(i / "given.npy", run(input=tf.constant(np.load("numbers.npy")))["output_0"])
"""
    tensorflow(code, tmp_path)
    for i, (name, index) in enumerate(SLICES.items()):
        given, expected = np.load(tmp_path / str(i) / "given.npy"), numbers[index]
        assert given.shape == expected.shape, name
        assert (given == expected).all(), name


@pytest.mark.slow
def test_the_saved_model_of_lightning_and_the_tflite_file_see_the_same(lightning, tmp_path):
    image = posekit.read_image(posekit.sample("astronaut"))
    square, _, _ = Region.whole(image.shape[1::-1]).cut(image, 192)
    np.save(tmp_path / "square.npy", square[None].astype(np.int32))
    code = f"""
import numpy as np, tensorflow as tf, tensorflow_hub as hub
pose = hub.load({str(models.fetch_saved_model("lightning"))!r}).signatures["serving_default"]
np.save("seen.npy", pose(input=tf.constant(np.load("square.npy")))["output_0"])
"""
    tensorflow(code, tmp_path)
    seen = np.load(tmp_path / "seen.npy")
    assert seen.shape == (1, 1, 17, 3)
    y, x, score = seen[0, 0].T  # Google's order
    expected = lightning.infer(square)[0]
    assert np.hypot(x - expected[:, 0], y - expected[:, 1]).max() * 640 < 1
    assert np.abs(score - expected[:, 2]).max() < 0.02
