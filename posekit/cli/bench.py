"""`posekit bench`: how fast posekit is on this machine."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """Adds the command."""
    bench = commands.add_parser("bench", help="how fast it is on this machine, as ratios in one run")
    bench.add_argument("--model", default="lightning", choices=("lightning", "thunder"), help="default: lightning")
    what = bench.add_mutually_exclusive_group()
    what.add_argument(
        "--live",
        action="store_true",
        help="measure LivePose in JupyterLab and Chromium, its model in kernel and browser, beside ipywebrtc by itself",
    )
    what.add_argument("--web", action="store_true", help="measure `posekit serve`: a photo's page, the API, the camera")
    compare = "compare models on the same pictures, such as: mediapipe; or: lightning thunder mediapipe"
    what.add_argument("--compare", nargs="+", metavar="MODEL", help=compare)
    every = "measure every model with these numbers of threads, such as: 1 2; spread, first call and memory"
    what.add_argument("--threads", nargs="+", type=int, metavar="N", help=every)
    variants = (
        "with --threads: which models, by name or as .tflite files, such as those of `posekit.models.quantise` (default: all names)"
    )
    bench.add_argument("--of", nargs="+", metavar="MODEL", help=variants)
    bench.add_argument(
        "--plot", type=Path, metavar="FILE", help="with --compare or --threads: where to save a plot, such as plot.svg"
    )
    pictures = "with --compare: a file in COCO's keypoint format, and the folder with its pictures (default: rendered clips)"
    bench.add_argument("--on", nargs=2, metavar=("ANNOTATIONS", "IMAGES"), help=pictures)
    bench.add_argument("--seconds", type=float, default=20.0, help="how long --live and --web measure (default: %(default)g)")
    bench.add_argument(
        "--far", type=float, default=0.0, metavar="MS", help="with --live: a JupyterLab whose round trip takes that long (ms)"
    )
    bench.add_argument("--json", action="store_true", help="print JSON, and nothing else")
    bench.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Measures, and prints the result."""
    if options.live:
        from posekit.bench import live

        result = live.benchmark(options.model, seconds=options.seconds, far=options.far)
        text = live.report(result)
    elif options.web:
        from posekit.bench import web

        result = web.benchmark(seconds=options.seconds)
        text = web.report(result)
    elif options.compare:
        from posekit.bench import compare

        result = compare.benchmark(options.compare, *options.on or (), plot=options.plot)
        text = compare.report(result)
    elif options.threads:
        from posekit.bench import threads

        result = threads.benchmark(options.threads, models=options.of or threads.MODELS, plot=options.plot)
        text = threads.report(result)
    else:
        from posekit.bench import core

        result = core.benchmark(options.model)
        text = core.report(result)
    print(json.dumps(result, indent=1) if options.json else text)
