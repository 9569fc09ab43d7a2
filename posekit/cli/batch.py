"""`posekit batch`: many clips and pictures, on all cores of this machine or on a Dask cluster."""

from __future__ import annotations

import argparse
import contextlib
import signal
from collections.abc import Iterator
from typing import Any

from posekit.cli.options import add_model
from posekit.errors import PosekitError, require
from posekit.motion import EXERCISES
from posekit.parallel import without_password
from posekit.progress import say

#: Seconds to wait for a scheduler.
CONNECT_TIMEOUT = 10.0


def add(commands: Any) -> None:
    """Adds the command."""
    batch = commands.add_parser(
        "batch", help="track people in many clips and pictures; a second run continues where the first one stopped"
    )
    batch.add_argument("source", nargs="*", help="files, folders, patterns, or addresses such as s3://bucket/clips")
    where_to = "the folder or address for the results; give that of an earlier run to continue it"
    batch.add_argument("--out", metavar="TARGET", help=where_to)
    add_model(batch)
    batch.add_argument("--exercise", metavar="NAME", help=f"count its repetitions, too: {', '.join(EXERCISES)}")
    batch.add_argument("--annotated", action="store_true", help="write the clips with their skeletons, too")
    batch.add_argument("--raw", action="store_true", help="do not smooth")
    where = batch.add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, metavar="N", help="processes on this machine (default: one per core)")
    where.add_argument("--cluster", metavar="ADDRESS", help="a Dask scheduler, such as tcp://192.168.1.7:8786")
    batch.add_argument("--retry-failed", action="store_true", help="retry what failed before")
    batch.add_argument("--force", action="store_true", help="redo everything")
    batch.add_argument("--status", metavar="TARGET", help="only show the progress of the run into TARGET")
    batch.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Does what is missing, and reports the result.

    Raises:
        PosekitError: as for `batch`; or some sources failed, which the manifest lists.
    """
    from posekit.parallel import batch, batch_status

    if options.status is not None:
        table = batch_status(options.status)
        _name_unusual(table)
        print(f"→ {without_password(options.status)}: {_done(table)}")
        return
    if not options.source or options.out is None:
        raise PosekitError("name the sources and, with --out, a folder or an address for the results; or one with --status")
    with _stopped_in_order(options.out), _cluster(options.cluster) as client:
        table = batch(
            options.source,
            options.out,
            model=options.model,
            client=client,
            workers=options.workers,
            smooth=not options.raw,
            exercise=options.exercise,
            annotated=options.annotated,
            retry_failed=options.retry_failed,
            force=options.force,
        )
    _name_unusual(table)
    whole = batch_status(options.out)
    more = f"; with other runs, {_done(whole)}" if len(whole) > len(table) else ""
    print(f"→ {without_password(options.out)}: {_done(table)}{more}")
    if failed := int((table["state"] == "failed").sum()):
        manifest = f"{without_password(options.out.rstrip('/'))}/manifest.csv"
        raise PosekitError(f"{failed} of {len(table)} failed; {manifest} says why, and --retry-failed tries again")


@contextlib.contextmanager
def _stopped_in_order(target: str) -> Iterator[None]:
    """SIGTERM and SIGHUP stop the run as Ctrl-C does: workers end, and the manifest is written, also where a job's time is over."""
    from posekit.parallel import batch_status

    endings = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {
        ending: signal.signal(ending, signal.default_int_handler)
        for ending in endings
        if signal.getsignal(ending) == signal.SIG_DFL
    }
    try:
        yield
    except KeyboardInterrupt:
        with contextlib.suppress(PosekitError):  # stopped before there was a target
            done = (batch_status(target)["state"] == "done").sum()  # how many there would have been, only the run knew
            say(f"posekit: stopped with {done} done in {without_password(target)}; the same command continues")
        raise
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)


def _cluster(address: str | None) -> Any:
    if address is None:
        return contextlib.nullcontext()
    distributed = require("distributed", extra="batch")
    try:
        return distributed.Client(address, timeout=CONNECT_TIMEOUT)
    except (OSError, ValueError) as error:
        raise PosekitError(f"there is no Dask scheduler at {address}: {error}") from error


def _name_unusual(table: Any) -> None:
    for row in table[table["error"] != ""].to_dict("records"):
        print(f"{row['state']}: {row['source']}: {row['error']}")


def _done(table: Any) -> str:
    done = table[table["state"] == "done"]
    return f"{len(done)} of {len(table)} done, {int(done['frames'].sum())} frames"
