"""`python -m posekit.bench.evaluation`: times `evaluate` and bare interpreters that read and look at the same pictures."""

from __future__ import annotations

import queue
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from posekit.bench.compare import rendered_clips
from posekit.estimate import MoveNet, load_model
from posekit.estimate.interpreter import open_runtime
from posekit.evaluation import evaluate, rendered_pictures
from posekit.evaluation.predict import cores
from posekit.image import Region, read_image

#: How often a single-pose model looks at each picture.
LOOKS = 2


def benchmark(pictures: int = 1000, *, rounds: int = 3) -> dict[str, Any]:
    """Measures Lightning on frames of the rendered clips, some of them more than once.

    Args:
        pictures: how many pictures.
        rounds: how many rounds; the two take turns, and the median counts.

    Returns:
        `pictures`; `evaluate` and `bare` in seconds, including reading, with one interpreter per core and two looks; their `ratio`.
    """
    with tempfile.TemporaryDirectory(prefix="posekit-") as folder:
        truth = _repeated(rendered_pictures(rendered_clips(), folder, every=2), pictures)
        files = [Path(folder) / image["file_name"] for image in truth["images"]]
        ways: dict[str, Callable[[], object]] = {
            "evaluate": lambda: evaluate(truth, folder, "lightning", progress=False),
            "bare": lambda: run_bare(files),
        }
        taken = in_turn(ways, rounds)
    seconds = {name: median(times) for name, times in taken.items()}
    return {"pictures": pictures, **seconds, "ratio": seconds["evaluate"] / seconds["bare"]}


def _repeated(truth: dict[str, list[dict[str, Any]]], pictures: int) -> dict[str, list[dict[str, Any]]]:
    """The same frames repeated under new numbers, until there are `pictures` of them."""
    frames = truth["images"]
    images = [{**frames[number % len(frames)], "id": number + 1} for number in range(pictures)]
    of_frame: dict[int, list[dict[str, Any]]] = {}
    for person in truth["annotations"]:
        of_frame.setdefault(person["image_id"], []).append(person)
    people = [
        {**person, "image_id": image["id"]} for i, image in enumerate(images) for person in of_frame[frames[i % len(frames)]["id"]]
    ]
    return {**truth, "images": images, "annotations": [{**person, "id": i + 1} for i, person in enumerate(people)]}


def in_turn(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """The seconds that each way takes in each round. The ways take turns, so that a busy machine slows all of them alike."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            start = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - start)
    return taken


def run_bare(files: Sequence[Path]) -> None:
    """Reads pictures and looks at each twice, with one interpreter of Lightning per core and nothing around it."""
    model = load_model("lightning")
    assert isinstance(model, MoveNet)
    size = model.input_size
    free: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for _ in range(cores()):
        free.put(open_runtime(model.path, 1, size))

    def look(file: Path) -> None:
        image = read_image(file)
        square = Region.whole((image.shape[1], image.shape[0])).cut(image, size)[0]
        interpreter = free.get()
        for _ in range(LOOKS):
            interpreter.set_tensor(interpreter.get_input_details()[0]["index"], square[None])
            interpreter.invoke()
            interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        free.put(interpreter)

    with ThreadPoolExecutor(cores()) as pool:
        list(pool.map(look, files))


if __name__ == "__main__":
    found = benchmark()
    print(
        f"{found['pictures']} pictures: evaluate {found['evaluate']:.1f} s, bare {found['bare']:.1f} s, ratio {found['ratio']:.2f}"
    )
