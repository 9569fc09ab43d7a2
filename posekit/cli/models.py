"""`posekit models`: lists, fetches and deletes models."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from posekit import models
from posekit.errors import PosekitError
from posekit.models import CATALOGUE, runtime
from posekit.models.clear import clear, fetched, size


def add(commands: Any) -> None:
    """Adds the command and its own subcommands."""
    whole = commands.add_parser("models", help="list, fetch, find and delete model files")
    whole.set_defaults(run=list_models)
    actions = whole.add_subparsers(metavar="list | get | path | clear")
    listing = actions.add_parser("list", help="the catalogue: size, status, source (the default)")
    listing.set_defaults(run=list_models)
    get = actions.add_parser("get", help="fetch models")
    get.add_argument("name", nargs="+", help="; ".join((", ".join(CATALOGUE), f"{runtime.NAME}, which runs them in a browser")))
    get.add_argument("--saved-model", action="store_true", help="TensorFlow's SavedModel too, for tensorflow_hub.load")
    get.add_argument("--saved-model-of", metavar="NAME", action="append", default=[], help="the SavedModel of this model alone")
    get.set_defaults(run=get_models)
    path = actions.add_parser("path", help="print the path of a model's file; fetch it first if it is missing")
    path.add_argument("name")
    path.set_defaults(run=lambda options: print(models.fetch(options.name)))
    clear = actions.add_parser("clear", help="delete the models that posekit has fetched, and nothing else")
    clear.add_argument("name", nargs="*", help="default: all")
    clear.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    clear.set_defaults(run=clear_models)


def list_models(_: argparse.Namespace) -> None:
    """Prints the catalogue and the status of each file."""
    print(f"Model files are kept in {models.folder()}")
    print(f"{'name':<16}{'MB':>6}  {'status':<10} what, and where from")
    for name, model in CATALOGUE.items():
        status = models.status(name)
        source = models.provenance(models.path(name)).get("source", "") if status != "missing" else ""
        print(f"{name:<16}{model.bytes / 1e6:>6.1f}  {status:<10} {model.summary}{', ' * bool(source)}{source}")
    print(f"{'crowd':<16}{'':>6}  {'':<10} many people, exact: multipose and thunder together")


def get_models(options: argparse.Namespace) -> None:
    """Fetches models, and prints where they are."""
    names = [name for name in options.name if name != runtime.NAME]
    for place in models.fetch_several(names, [*(names if options.saved_model else ()), *options.saved_model_of]):
        print(place)
    if runtime.NAME in options.name:
        models.fetch_runtime()
        print(runtime.place())


def clear_models(options: argparse.Namespace) -> None:
    """Deletes fetched files, after confirmation.

    Raises:
        PosekitError: there is nobody to confirm, or a file cannot be deleted.
    """
    places = fetched(options.name)
    if not places:
        print(f"posekit has not fetched any model into {models.folder()}")
        return
    print(*places, sep="\n")
    if not options.yes and not _agreed(f"Delete these {sum(map(size, places)) / 1e6:.1f} MB? [y/N] "):
        print("Nothing was deleted.")
        return
    clear(places)
    print("Deleted.")


def _agreed(question: str) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        raise PosekitError("nothing was deleted: there is no terminal on which to ask for confirmation; add --yes")
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:  # Ctrl-D
        return False
