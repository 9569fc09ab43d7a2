"""A TFLite file on the LiteRT interpreter, which threads can share and which survives a fork."""

from __future__ import annotations

import os
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np

from posekit.errors import UnknownModelError
from posekit.image import RGB, Floats
from posekit.quiet import quiet


class Interpreter:
    """A TFLite file that takes one picture and answers with one array.

    Threads take turns. After a fork, the child opens the file again, since the runtime's own threads do not exist there.

    Args:
        path: the file.
        threads: how many threads the runtime uses; None for the number of cores.
        side: the side, in pixels, of the square for which a model of any input size is opened.

    Attributes:
        any_size: whether the model takes pictures of any width and height.
        input_shape: (height, width) of the pictures that it was opened for.
        output_shape: the shape of the model's answer.

    Raises:
        UnknownModelError: there is no such file, or it is not a TFLite model.
    """

    def __init__(self, path: Path, threads: int | None, side: int) -> None:
        self._path, self._threads, self._side = path, threads, side
        self._shape: tuple[int, ...]
        self._lock = threading.Lock()  # the runtime holds one picture at a time
        self._open()
        self.any_size = _any_size(self._input)
        self.input_shape = self._shape
        self.output_shape = tuple(self._runtime.get_output_details()[0]["shape"].tolist())
        _OPENED.add(self)

    def run(self, picture: RGB) -> Floats:
        """The model's raw output for one picture, of shape `output_shape`.

        Args:
            picture: (height, width, 3) uint8, of `input_shape`, unless the model takes any size.
        """
        with self._lock:
            if self._runtime is None:
                self._open()
            if picture.shape[:2] != self._shape:
                self._runtime.resize_tensor_input(self._input["index"], [1, *picture.shape], strict=True)
                self._runtime.allocate_tensors()
                self._shape = picture.shape[:2]
            self._runtime.set_tensor(self._input["index"], picture[None].astype(self._input["dtype"], copy=False))
            self._runtime.invoke()
            answer: Floats = self._runtime.get_tensor(self._output)
        return answer

    def _open(self) -> None:
        self._runtime = open_runtime(self._path, self._threads or os.cpu_count() or 1, self._side)
        self._input = self._runtime.get_input_details()[0]
        self._output = self._runtime.get_output_details()[0]["index"]
        self._shape = tuple(self._input["shape"][1:3].tolist())

    def renew(self) -> None:
        """Replaces the lock and the runtime in the child of a fork.

        A thread that no longer exists may hold the lock, and the runtime would wait for its own threads.
        """
        self._lock = threading.Lock()
        if self._runtime is not None:
            _ABANDONED.append(self._runtime)
            self._runtime = None


_OPENED: weakref.WeakSet[Interpreter] = weakref.WeakSet()

#: Runtimes from before a fork: freeing one would wait for its threads.
_ABANDONED: list[Any] = []


def open_runtime(path: Path, threads: int, side: int, *, keep: bool = False) -> Any:
    """Opens LiteRT's own interpreter, ready to run; a model of any input size is opened for `side` × `side` pixels.

    With `keep`, all intermediate tensors can be read afterwards.

    Raises:
        UnknownModelError: there is no such file, or it is not a TFLite model.
    """
    from ai_edge_litert.interpreter import Interpreter as Runtime

    if not path.is_file():
        raise UnknownModelError(f"there is no model file {path}")
    try:
        with quiet():
            runtime = Runtime(str(path), num_threads=threads, experimental_preserve_all_tensors=keep)
            details = runtime.get_input_details()[0]
            if _any_size(details):
                runtime.resize_tensor_input(details["index"], [1, side, side, 3], strict=True)
            runtime.allocate_tensors()
    except (ValueError, RuntimeError, IndexError) as error:
        raise UnknownModelError(f"{path} is not a TFLite model that can be run: {error}") from error
    return runtime


def _any_size(details: dict[str, Any]) -> bool:
    return len(details["shape_signature"]) == 4 and bool(np.all(details["shape_signature"][1:3] == -1))


def _after_fork_in_child() -> None:
    for interpreter in list(_OPENED):
        interpreter.renew()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_after_fork_in_child)
