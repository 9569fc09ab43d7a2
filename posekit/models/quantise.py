"""Quantisation: a model's SavedModel → TFLite files with the weights, or the whole network, in fewer bits."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from posekit import atomic
from posekit.errors import PosekitError, nearest
from posekit.folders import pictures_in
from posekit.image import RGB, Region, read_image
from posekit.models import convert, download, store
from posekit.models.catalogue import CATALOGUE

#: float32, as trained; float16 weights (half the size); weights in 8 bits ("dynamic": the sums are still in float); the whole
#: network in 8 bits, which needs pictures that show how large its numbers get.
KINDS = ("float32", "float16", "dynamic", "int8")

#: Sides, in pixels, of the squares that calibrate an int8 model; MultiPose takes any size.
_SIZES = {"lightning": 192, "thunder": 256, "multipose": 256}

#: The operations that may be in 8 bits. The decoding after the network computes positions, for which 1/256 of the picture is too
#: coarse: with everything in int8, nobody is found at all.
_NETWORK = ("CONV_2D", "DEPTHWISE_CONV_2D", "RESIZE_BILINEAR", "ADD", "LOGISTIC")


def quantise(
    name: str,
    kind: str,
    target: str | os.PathLike[str],
    *,
    pictures: Sequence[Any] | str | os.PathLike[str] = (),
    progress: bool = True,
) -> Path:
    """Quantises a model of the catalogue; `load_model` takes the resulting file's path.

    Args:
        name: lightning, thunder or multipose.
        kind: one of `KINDS`.
        target: a .tflite file; its record, a .json, is written beside it. Neither may exist already.
        pictures: for int8, a folder or a list of anything that `read_image` reads: about a hundred pictures like those that the
            model will see, but not those that it is evaluated on.
        progress: whether to show how long it takes.

    Returns:
        The target.

    Raises:
        PosekitError: the kind is unknown, the target exists or cannot be written, int8 has no pictures, or another kind has some.
        DownloadError: the SavedModel is not available, or TensorFlow is missing or fails.
    """
    target = Path(target)
    if kind not in KINDS:
        raise PosekitError(f"there is no kind {kind!r}; {nearest(kind, KINDS)}")
    if target.suffix != ".tflite" or not target.parent.is_dir():
        raise PosekitError(f"cannot write {target}: it must end in .tflite and lie in a folder that exists")
    if taken := [path for path in (target, target.with_suffix(".json")) if path.exists()]:
        raise PosekitError(f"{taken[0]} already exists; name another file")
    sources = pictures_in(Path(pictures)) if isinstance(pictures, (str, os.PathLike)) else list(pictures)
    if (kind == "int8") != bool(sources):
        raise PosekitError(f"{kind} needs {'pictures' if kind == 'int8' else 'no pictures'} to see how large numbers get")
    saved_model = store.fetch_saved_model(name)
    with tempfile.TemporaryDirectory(prefix="posekit-") as scratch:
        facts = _in_another_process(saved_model, kind, _squares(sources, _SIZES.get(name, 0)), Path(scratch), shown=progress)
        content = (Path(scratch) / "model.tflite").read_bytes()
    origin = store.provenance(saved_model)
    facts = {"source": f"SavedModel of {origin.get('source', name)}", **facts, "quantisation": kind, "pictures": len(sources)}
    store.write_record(target, name, {**facts, **store.content_facts(content)})
    try:
        atomic.write_bytes(target, content)
    except OSError as error:
        raise PosekitError(f"cannot write {target}: {error.strerror or error}") from error
    return target


def quantisation(file: Path) -> str | None:
    """The kind of a model file, one of `KINDS`, according to the official hashes and the record beside it; None if unknown."""
    digest = download.sha256(file.read_bytes()) if file.is_file() else None
    for entry in CATALOGUE.values():
        if entry.sha256 == digest:
            return entry.kaggle.rpartition("-")[2]
    record = store.provenance(file)
    return record.get("quantisation") if record.get("sha256") == digest else None


def _squares(sources: Sequence[Any], size: int) -> RGB:
    """(n, size, size, 3) uint8: whole pictures, as the model sees them in its first pass."""
    images = [read_image(source) for source in sources]
    squares = [Region.whole((image.shape[1], image.shape[0])).cut(image, size)[0] for image in images]
    return np.stack(squares) if squares else np.zeros((0, size, size, 3), np.uint8)


def _in_another_process(saved_model: Path, kind: str, squares: RGB, scratch: Path, *, shown: bool) -> dict[str, Any]:
    np.save(scratch / "squares.npy", squares)
    module = [sys.executable, "-m", "posekit.models.quantise"]
    return download.with_tensorflow([*module, str(saved_model), kind, "squares.npy", "model.tflite"], scratch, shown=shown)


def quantised(saved_model: Path, kind: str, squares: RGB) -> bytes:
    """A SavedModel as a TFLite file.

    Args:
        saved_model: its folder.
        kind: one of `KINDS`.
        squares: (n, S, S, 3) uint8 pictures that calibrate int8.
    """
    tf = convert.tensorflow()
    signature = tf.saved_model.load(str(saved_model)).signatures["serving_default"]
    shape = signature.structured_input_signature[1]["input"].shape

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.uint8)])  # type: ignore[untyped-decorator]
    def pose(image: Any) -> Any:
        return signature(tf.cast(image, tf.int32))["output_0"]

    converter = tf.lite.TFLiteConverter.from_concrete_functions([pose.get_concrete_function()])
    content: bytes
    if kind == "int8":
        content = _int8(tf, converter, squares, *_decoding(converter.convert()))
    else:
        converter.optimizations = [tf.lite.Optimize.DEFAULT] if kind != "float32" else []
        converter.target_spec.supported_types = [tf.float16] if kind == "float16" else []
        content = converter.convert()
    return content


def _int8(tf: Any, converter: Any, squares: RGB, operations: Sequence[str], tensors: Sequence[str]) -> bytes:
    """The network in int8, except the kinds of `operations`, and those that compute `tensors`, which stay in float32."""

    def representative() -> Any:
        return ([square[None]] for square in squares)

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    options = tf.lite.experimental.QuantizationDebugOptions(denylisted_ops=operations, denylisted_nodes=tensors)
    # TensorFlow quantises part of a model only through its debugger, whose error statistics are not used.
    debugger = tf.lite.experimental.QuantizationDebugger(converter=converter, debug_dataset=representative, debug_options=options)
    content: bytes = debugger.get_nondebug_quantized_model()
    return content


def _decoding(content: bytes) -> tuple[list[str], list[str]]:
    """The kinds of operations outside the network of a float32 file, and the names of the sums after its last layer."""
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(content, 0)
    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
    codes = [names[max(each.builtinCode, each.deprecatedBuiltinCode)] for each in model.operatorCodes]
    graph = model.subgraphs[0]
    kinds = [codes[each.opcodeIndex] for each in graph.operators]
    last = max(i for i, kind in enumerate(kinds) if kind in _NETWORK[:3])
    sums = [each.outputs[0] for each, kind in zip(graph.operators[last:], kinds[last:], strict=True) if kind == "ADD"]
    return sorted(set(kinds) - set(_NETWORK)), [graph.tensors[i].name.decode() for i in sums]


def main() -> None:
    """Runs `python -m posekit.models.quantise SAVED_MODEL KIND SQUARES.npy TARGET.tflite`."""
    saved_model, kind, squares, target = sys.argv[1:]
    Path(target).write_bytes(quantised(Path(saved_model), kind, np.load(squares)))
    print(convert.tensorflow().__version__)


if __name__ == "__main__":
    main()
