"""The command itself: its subcommands, its errors and its exit codes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from posekit.cli import batch, bench, count, demo, evaluate, image, models, serve, streams, video
from posekit.errors import PosekitError
from posekit.progress import say

#: Each has `add(commands)`, which adds its parser and sets the function that runs it. The help lists them in this order.
COMMANDS = (demo, image, video, count, batch, models, evaluate, bench, serve)

EXIT_CODES = (
    "Exit codes: 0 success; 1 failure, explained on stderr; 2 wrong usage; 130 interrupted; 141 output closed by its reader."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command.

    Returns:
        The exit code: 0; 1 for an error that is explained on stderr; 2 for wrong usage; 130 after Ctrl-C; 141 if the reader of
        the output went away, as in `posekit models | head -1`.
    """
    streams.open_closed()
    try:
        options = parser().parse_args(arguments)
        options.run(options)
        streams.flush()
    except PosekitError as error:
        say(f"posekit: {error}")
        return 1
    except BrokenPipeError:
        return 141
    except OSError as error:  # a full disk, a read-only folder, …
        say(f"posekit: {error.filename or 'the output cannot be written'}: {error.strerror or error}")
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        streams.settle()
    return 0


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command."""
    whole = argparse.ArgumentParser(
        prog="posekit", description="Find the 17 keypoints of a body in a picture, with MoveNet.", epilog=EXIT_CODES
    )
    whole.add_argument("--version", action="version", version=f"posekit {version('posekit')}")
    commands = whole.add_subparsers(required=True, metavar="COMMAND", parser_class=_Command)
    for each in COMMANDS:
        each.add(commands)
    return whole


class _Command(argparse.ArgumentParser):
    """Takes files on both sides of an option; argparse itself takes only those before it, and calls the others unrecognized."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        found, rest = super().parse_known_args(args, namespace)
        for each in self._get_positional_actions():
            if each.nargs in ("+", "*") and not any(word.startswith("-") for word in rest):
                setattr(found, each.dest, [*getattr(found, each.dest), *rest])
                rest = []
        return found, rest
