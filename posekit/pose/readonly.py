"""Read-only arrays whose error says what to do instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from posekit.errors import PosekitError


class ReadOnlyArray(np.ndarray[Any, Any]):
    """An ordinary array, except that writing to it raises an error that mentions `.copy()`, which NumPy's own error does not.

    Results computed from it are ordinary arrays, and so are unpickled copies.
    """

    def __array_wrap__(self, array: NDArray[Any], context: Any = None, return_scalar: bool = False) -> Any:
        return np.asarray(array) if array.ndim else array[()]

    def __reduce_ex__(self, protocol: Any) -> Any:
        return np.asarray(self).__reduce_ex__(protocol)


def _checked(name: str) -> Callable[..., Any]:
    write = getattr(np.ndarray, name)

    def method(self: ReadOnlyArray, *args: Any) -> Any:
        if not self.flags.writeable:
            raise PosekitError(
                "arrays of Poses are read-only, since other poses may share them; change a copy instead: "
                "xy = poses.xy.copy(), then dataclasses.replace(poses, xy=xy)"
            )
        return write(self, *args)

    return method


for _name in ("__setitem__", "__iadd__", "__isub__", "__imul__", "__itruediv__"):
    setattr(ReadOnlyArray, _name, _checked(_name))


def read_only(values: ArrayLike, dtype: DTypeLike) -> ReadOnlyArray:
    """Returns a read-only view of `values`; they are copied only if they are not an array of `dtype`.

    Raises:
        ValueError, TypeError: `values` are not numbers.
    """
    if isinstance(values, ReadOnlyArray) and values.dtype == dtype and not values.flags.writeable:
        return values
    view = np.asarray(values, dtype).view(ReadOnlyArray)  # a view, so that the caller's own array stays writeable
    view.flags.writeable = False
    return view
