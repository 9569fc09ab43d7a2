"""Errors in widgets: Jupyter swallows what callbacks raise, so the widget shows it in words."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from posekit.errors import PosekitError, nearest
from posekit.pose import Poses


def guarded(method: Callable[..., None]) -> Callable[..., None]:
    """Decorates methods that the browser calls, so that their errors go into the trait `error`."""

    @functools.wraps(method)
    def safe(self: Any, *args: Any) -> None:
        try:
            method(self, *args)
        except Exception as error:
            self.error = in_words(error)

    return safe


def in_words(error: Exception) -> str:
    """An error in words: the message alone for posekit's own errors, with the error's name for others."""
    return str(error) if isinstance(error, PosekitError) else f"{type(error).__name__}: {error}"


def call_listeners(listeners: Iterable[Callable[[Poses], object]], poses: Poses) -> str:
    """Calls every function given to `on_pose`, whatever the others raise.

    Returns:
        What they raised, in words; empty if they raised nothing.
    """
    problems = []
    for listener in tuple(listeners):
        try:
            listener(poses)
        except Exception as error:
            problems.append(f"on_pose({getattr(listener, '__name__', 'function')}) raised {type(error).__name__}: {error}")
    return "; ".join(problems)


def refuse_unknown(widget: type[Any], options: dict[str, Any]) -> None:
    """Makes a misspelt keyword an error, where ipywidgets would only warn.

    Raises:
        TypeError: one of `options` is not an attribute of that widget; the message names the nearest one.
    """
    known = tuple(sorted(name for name in widget.class_trait_names(sync=True) if not name.startswith(("_", "comm", "tabb"))))
    for name in options:
        if name not in known:
            raise TypeError(f"{widget.__name__} has no option {name!r}; {nearest(name, known)}")
