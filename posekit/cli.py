"""The `posekit` command."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from posekit import models
from posekit.drawing import draw
from posekit.errors import ImageError, PosekitError
from posekit.estimate import load_model
from posekit.image import RGB, read_image
from posekit.models import CATALOGUE
from posekit.pose import KEYPOINTS, THRESHOLD, Pose, Poses
from posekit.samples import sample


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the exit code: 0, 1 for an error that posekit explains, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except PosekitError as error:
        print(f"posekit: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="posekit", description="Find the 17 keypoints of a body in a picture, with MoveNet.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (_add_demo, _add_image, _add_video, _add_models, _add_bench, _add_serve):
        add(commands)
    return parser


def _add_demo(commands: Any) -> None:
    demo = commands.add_parser("demo", help="find the pose in the sample pictures and draw it")
    demo.add_argument("--out", type=Path, default=Path("out"), metavar="FOLDER", help="where the pictures go (default: out)")
    demo.set_defaults(run=_demo)


def _add_image(commands: Any) -> None:
    image = commands.add_parser("image", help="find the pose in your own pictures")
    image.add_argument("picture", nargs="+", help="a file or an http(s) address")
    image.add_argument("--model", default="lightning", help="see `posekit models`; crowd; or a .tflite file (default: lightning)")
    image.add_argument("--passes", type=int, choices=(1, 2), help="looks at each picture (default: 2, or 1 for multipose)")
    image.add_argument("--threshold", type=float, default=THRESHOLD, help="draw keypoints over this score (default: %(default)s)")
    image.add_argument("--out", type=Path, default=Path("out"), metavar="FOLDER", help="where the pictures go (default: out)")
    image.add_argument("--json", action="store_true", help="print the keypoints in COCO's results format, and nothing else")
    image.set_defaults(run=_image)


def _add_video(commands: Any) -> None:
    video = commands.add_parser("video", help="follow people through a clip, and write it with their skeletons")
    video.add_argument("source", help="a clip, a GIF, a folder of pictures, or a pattern such as frames/%%04d.png")
    video.add_argument("target", help="an .mp4 or a .gif")
    video.add_argument("--model", default="lightning", help="multipose and crowd follow several people (default: lightning)")
    video.add_argument("--table", metavar="FILE", help="write the tracks too: .csv, .parquet, or .json (COCO's results format)")
    video.add_argument("--threshold", type=float, default=THRESHOLD, help="draw keypoints over this score (default: %(default)s)")
    video.add_argument("--raw", action="store_true", help="do not smooth")
    video.set_defaults(run=_video)


def _add_models(commands: Any) -> None:
    catalogue = commands.add_parser("models", help="list, fetch and find model files")
    catalogue.set_defaults(run=_models)
    deeds = catalogue.add_subparsers(metavar="list | get | path")
    deeds.add_parser("list", help="the catalogue: size, state, source (the default)")
    get = deeds.add_parser("get", help="fetch models")
    get.add_argument("name", nargs="+")
    get.add_argument("--saved-model", action="store_true", help="TensorFlow's SavedModel too, for tensorflow_hub.load")
    get.set_defaults(run=_models_get)
    path = deeds.add_parser("path", help="print where a model's file is; fetch it where it is not here")
    path.add_argument("name")
    path.set_defaults(run=lambda options: print(models.fetch(options.name)))


def _add_bench(commands: Any) -> None:
    bench = commands.add_parser("bench", help="how fast it is on this machine, as ratios in one run")
    bench.add_argument("--model", default="lightning", choices=("lightning", "thunder"), help="default: lightning")
    what = bench.add_mutually_exclusive_group()
    what.add_argument("--live", action="store_true", help="measure LivePose in JupyterLab and Chromium, beside ipywebrtc by itself")
    what.add_argument("--web", action="store_true", help="measure `posekit serve`: a photo's page, the API, the camera")
    bench.add_argument("--seconds", type=float, default=20.0, help="how long --live and --web measure (default: %(default)g)")
    bench.add_argument("--json", action="store_true", help="print JSON, and nothing else")
    bench.set_defaults(run=_bench)


def _add_serve(commands: Any) -> None:
    serve = commands.add_parser("serve", help="pages for a browser: a photo and its pose, a live picture; and an API")
    serve.add_argument("--host", default="127.0.0.1", help="where to listen; 0.0.0.0 is everywhere (default: this computer alone)")
    serve.add_argument("--port", type=int, default=8000, help="0 takes any that is free (default: %(default)s)")
    serve.add_argument("--model", default="lightning", help="see `posekit models`; crowd; or a .tflite file (default: lightning)")
    serve.add_argument("--camera", metavar="N|CLIP", help="show this computer's camera N, or a clip, to visitors who want it")
    serve.add_argument("--name", action="append", default=[], help="a host name of this computer, as behind a proxy; repeatable")
    serve.set_defaults(run=_serve)


def _demo(options: argparse.Namespace) -> None:
    model = load_model("lightning")
    for name in ("astronaut", "person"):
        image = read_image(sample(name))
        _report(name, image, model(image), options.out, THRESHOLD)
    print("What next?  make lab   opens the notebooks, from notebooks/00_start_here.ipynb on")
    print("            posekit image PHOTO.jpg   does the same with your own picture")


def _image(options: argparse.Namespace) -> None:
    model = load_model(options.model)
    results, failed = [], 0
    for number, picture in enumerate(options.picture):
        try:
            image = read_image(picture)
        except ImageError as error:  # one bad picture does not cost the others
            print(f"posekit: {error}", file=sys.stderr)
            failed += 1
            continue
        poses = model(image, passes=options.passes)
        if options.json:
            results += [{"file": picture, **person} for person in poses.to_coco(number)]
        else:
            _report(_target_name(options.picture, number), image, poses, options.out, options.threshold)
    if options.json:
        print(json.dumps(results, indent=1))
    if failed:
        raise PosekitError(f"{failed} of {len(options.picture)} pictures could not be read")


def _video(options: argparse.Namespace) -> None:
    from posekit.video.annotate import annotate_video

    tracks = annotate_video(
        options.source,
        options.target,
        model=options.model,
        smooth=not options.raw,
        threshold=options.threshold,
        table=options.table,
    )
    print(f"→ {options.target}: {tracks['id'].nunique()} people in {tracks['frame'].nunique()} frames")


def _bench(options: argparse.Namespace) -> None:
    if options.live:
        from posekit.bench import live as bench_live

        result = bench_live.benchmark(options.model, seconds=options.seconds)
        text = bench_live.report(result)
    elif options.web:
        from posekit.bench import web as web

        result = web.benchmark(seconds=options.seconds)
        text = web.report(result)
    else:
        from posekit.bench import core as bench

        result = bench.benchmark(options.model)
        text = bench.report(result)
    print(json.dumps(result, indent=1) if options.json else text)


def _serve(options: argparse.Namespace) -> None:
    from posekit.web.server import serve

    serve(host=options.host, port=options.port, model=options.model, camera=options.camera, names=options.name)


def _target_name(pictures: Sequence[str], number: int) -> str:
    """The picture's own name, with a number where another of the same name came before."""
    names = [Path(picture).stem for picture in pictures[: number + 1]]
    before = names[:-1].count(names[-1])
    return f"{names[-1]}_{before + 1}" if before else names[-1]


def _report(name: str, image: RGB, poses: Poses, out: Path, threshold: float) -> None:
    print(f"{name}: {poses!r}")
    for pose in poses:
        print(_table(pose, threshold))
    print(f"→ {_save(draw(image, poses, threshold=threshold), out, name)}\n")


def _table(pose: Pose, threshold: float) -> str:
    lines = [f"  {'keypoint':<16}{'x':>8}{'y':>8}{'score':>8}"]
    for name in KEYPOINTS:
        x, y, score = pose[name]
        lines.append(f"  {name:<16}{x:>8.1f}{y:>8.1f}{score:>8.2f}{'' if score >= threshold else '   (not drawn)'}")
    return "\n".join(lines)


def _save(image: RGB, out: Path, name: str) -> Path:
    target = out / f"{name}_pose.png"
    try:
        out.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(target)
    except OSError as error:
        raise PosekitError(f"cannot write {target}: {error.strerror or error}; name another folder with --out") from error
    return target


def _models(_: argparse.Namespace) -> None:
    print(f"Model files are kept in {models.folder()}")
    print(f"{'name':<16}{'MB':>6}  {'state':<10} what, and where from")
    for name, model in CATALOGUE.items():
        state = models.status(name)
        source = models.provenance(models.path(name)).get("source", "") if state != "missing" else ""
        print(f"{name:<16}{model.bytes / 1e6:>6.1f}  {state:<10} {model.summary}{', ' * bool(source)}{source}")
    print(f"{'crowd':<16}{'':>6}  {'':<10} many people, exact: multipose and thunder together")


def _models_get(options: argparse.Namespace) -> None:
    for name in options.name:
        print(models.fetch(name))
        if options.saved_model:
            print(models.fetch_saved_model(name))
