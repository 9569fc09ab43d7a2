"""`posekit demo`: finds the poses in the sample pictures."""

from __future__ import annotations

import argparse
from typing import Any

from posekit.cli.image import describe, drawing
from posekit.cli.options import add_out
from posekit.cli.targets import Targets
from posekit.errors import REPOSITORY, clone
from posekit.estimate import load_model
from posekit.image import read_image
from posekit.pose import THRESHOLD
from posekit.samples import sample


def add(commands: Any) -> None:
    """Adds the command."""
    demo = commands.add_parser("demo", help="find the pose in the sample pictures and draw it")
    add_out(demo, "pictures, where they replace those of an earlier demo")
    demo.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Finds the poses, prints them and draws them."""
    targets = Targets(options.out, "_pose.png", overwrite=True)
    model = load_model("lightning")
    for name in ("astronaut", "person"):
        image = read_image(sample(name))
        poses = model(image)
        target = targets.name(name)
        targets.write(target, drawing(image, poses, THRESHOLD))
        print(f"{describe(name, poses, THRESHOLD)}\n→ {target}\n")
    print(f"What next?  {_notebooks()}")
    print("            posekit image PHOTO.jpg   does the same with your own picture")


def _notebooks() -> str:
    if clone():
        return "make lab   opens the notebooks; begin with notebooks/00_start_here.ipynb"
    return f"{REPOSITORY}   has the notebooks, a course that begins with your first pose"
