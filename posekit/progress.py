"""Progress of long work: a bar in a terminal or a notebook; in a log, one line at the start and one at the end."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm.std import tqdm


@contextmanager
def progress(title: str, total: int | None = None, unit: str = "", *, shown: bool = True, **options: Any) -> Iterator[tqdm[Any]]:
    """Shows the progress of some work on stderr.

    Args:
        title: what is being done.
        total: how many units there will be, where that is known.
        unit: what is counted, such as "frame"; "B" is for bytes, "" for work that cannot be counted.
        shown: False shows nothing.
        options: further arguments of tqdm.

    Yields:
        A tqdm bar: call its `update(n)`.
    """
    from tqdm.auto import tqdm  # imported here, since it looks for IPython

    options |= {"total": total, "unit": unit, "unit_scale": unit == "B", "desc": title}
    if not shown or _shows_bars(tqdm):
        with tqdm(disable=not shown, **options) as bar:
            yield bar
        return
    say(f"{title}: {_amount(total, unit)} …" if total and unit else f"{title} …")
    begun = time.monotonic()
    with Path(os.devnull).open("w", errors="replace") as nowhere, tqdm(file=nowhere, **options) as bar:  # counts, but shows nothing
        yield bar
    say(f"{title}: {_amount(bar.n, unit) if unit else 'done'} in {time.monotonic() - begun:.1f} s")


def say(line: str) -> None:
    """Prints a line on stderr, above any bar; does nothing where stderr is closed."""
    from tqdm import tqdm

    if sys.stderr is not None:
        with suppress(OSError, ValueError):  # it was closed
            tqdm.write(line, file=sys.stderr)


def _shows_bars(bar: type[Any]) -> bool:
    """Whether a bar can be seen: stderr is a terminal, or tqdm has found a notebook."""
    if any(base.__module__ == "tqdm.notebook" for base in bar.__mro__):
        return True
    try:
        return sys.stderr is not None and sys.stderr.isatty()
    except ValueError:  # it was closed
        return False


def _amount(count: float, unit: str) -> str:
    from tqdm import tqdm

    return f"{tqdm.format_sizeof(count)}B" if unit == "B" else f"{count:g} {unit}{'s' * (count != 1)}"
