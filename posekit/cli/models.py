"""`posekit models`: the catalogue, and the files that are here."""

from __future__ import annotations

import argparse
from typing import Any

from posekit import models
from posekit.models import CATALOGUE


def add(commands: Any) -> None:
    """Adds the command and its own subcommands."""
    whole = commands.add_parser("models", help="list, fetch, find and delete model files")
    whole.set_defaults(run=list_models)
    actions = whole.add_subparsers(metavar="list | get | path")
    listing = actions.add_parser("list", help="the catalogue: size, status, source (the default)")
    listing.set_defaults(run=list_models)
    get = actions.add_parser("get", help="fetch models")
    get.add_argument("name", nargs="+")
    get.add_argument("--saved-model", action="store_true", help="TensorFlow's SavedModel too, for tensorflow_hub.load")
    get.set_defaults(run=get_models)
    path = actions.add_parser("path", help="print where a model's file is; fetch it first where it is missing")
    path.add_argument("name")
    path.set_defaults(run=lambda options: print(models.fetch(options.name)))


def list_models(_: argparse.Namespace) -> None:
    """Prints the catalogue, and what of it is here."""
    print(f"Model files are kept in {models.folder()}")
    print(f"{'name':<16}{'MB':>6}  {'status':<10} what, and where from")
    for name, model in CATALOGUE.items():
        status = models.status(name)
        source = models.provenance(models.path(name)).get("source", "") if status != "missing" else ""
        print(f"{name:<16}{model.bytes / 1e6:>6.1f}  {status:<10} {model.summary}{', ' * bool(source)}{source}")
    print(f"{'crowd':<16}{'':>6}  {'':<10} many people, exact: multipose and thunder together")


def get_models(options: argparse.Namespace) -> None:
    """Fetches models, and prints where they are."""
    for name in options.name:
        print(models.fetch(name))
        if options.saved_model:
            print(models.fetch_saved_model(name))
