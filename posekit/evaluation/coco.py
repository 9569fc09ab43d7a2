"""Evaluates a model on pictures that are annotated in COCO's keypoint format."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from posekit.errors import PosekitError
from posekit.evaluation.predict import Answers, Model, Result, model_name, predict
from posekit.evaluation.result import Evaluation
from posekit.evaluation.truth import Picture, Truth, is_numbers, labelled, read_json, read_truth, without_people
from posekit.pose import KEYPOINTS


def evaluate(
    annotations: str | os.PathLike[str] | Mapping[str, Any],
    images: str | os.PathLike[str],
    model: str | os.PathLike[str] | Model | list[Result] = "lightning",
    *,
    people: str = "all",
    crops: bool = False,
    nobody: str | os.PathLike[str] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> Evaluation:
    """Measures a model with COCO's keypoint metric.

    Args:
        annotations: COCO's keypoint format, a file such as person_keypoints_val2017.json or its content.
        images: the folder with the pictures.
        model: a name or a .tflite file for `load_model`, run once per core; or a function picture → `Poses` or list of `Pose`;
            or existing results: a .json file in COCO's format, or its content.
        people: `"all"`; or `"one"`, only the pictures with exactly one person, for models that find one.
        crops: whether to show the model each person alone, cropped to the true box, as figures of single-pose models are usually
            measured. This spares the model the search, so such figures are higher.
        nobody: a folder of pictures without people, to count those in which somebody is found. Pictures without people in
            `annotations` count, too.
        checkpoint: a file to which each answer is appended, so that an interrupted run resumes where it stopped.
        progress: whether to show a progress bar.

    Raises:
        PosekitError: the annotations are not in COCO's format or annotate nobody, the results are of other pictures, none of the
            pictures can be read, the checkpoint belongs to another run, or `crops` is combined with `nobody`.
    """
    truth = read_truth(annotations, images)
    pictures, empty = truth.chosen(people), without_people(nobody) if nobody else []
    if crops and empty:
        raise PosekitError("crops shows the model annotated people only, and in `nobody` there are none: leave one of them out")
    if isinstance(model, list):
        name, answers = "results", _existing(model, truth, "the list of results")
    elif isinstance(model, (str, os.PathLike)) and Path(model).suffix == ".json":
        name, answers = str(model), _existing(read_json(Path(model)), truth, str(model))
    else:
        name = str(model) if isinstance(model, (str, os.PathLike)) else model_name(model)
        kept = Path(checkpoint) if checkpoint else None
        answers = predict([*pictures, *empty], model, crops=crops, checkpoint=kept, shown=progress)
    return evaluation(name, answers, truth, pictures, empty, people=people, crops=crops)


def evaluation(
    name: str,
    answers: Answers,
    truth: Truth,
    pictures: Sequence[Picture],
    empty: Sequence[Picture] = (),
    *,
    people: str = "all",
    crops: bool = False,
) -> Evaluation:
    """Scores answers against the annotations.

    Args:
        name: the model's name.
        answers: the model's answers to all pictures that could be read.
        truth: the annotations.
        pictures: the pictures of `truth` that count.
        empty: further pictures, without people.
        people: as for `evaluate`, for the record only.
        crops: as for `evaluate`, for the record only.

    Raises:
        PosekitError: no picture with people could be read.
    """
    read = [each for each in pictures if each.id in answers.results]
    if not any(labelled(person) for each in read for person in each.people):
        first = next(iter(answers.broken.values()), "")
        raise PosekitError(f"none of the {len(pictures)} pictures with people could be read: {first}")
    without = [each for each in [*read, *empty] if each.id in answers.results and not each.people]
    claimed = [each.name for each in without if answers.results[each.id]]
    rows = [row for each in read for row in answers.results[each.id]]
    rows = [{**row, "category_id": truth.category} for row in rows]
    return Evaluation(name, people, crops, read, rows, answers.broken, len(without), tuple(claimed), truth.category)


def _existing(results: Any, truth: Truth, name: str) -> Answers:
    """Existing results from a file or a list, checked."""
    if not isinstance(results, list) or not all(isinstance(each, Mapping) for each in results):
        raise PosekitError(f"{name} is not in COCO's format of results: a list of objects with image_id, keypoints, score")
    found: dict[int | str, list[Result]] = {each.id: [] for each in truth.pictures}
    for each in results:
        if missing := [key for key in ("image_id", "keypoints", "score") if key not in each]:
            raise PosekitError(f"{name} is not in COCO's format of results: one has no {missing[0]!r}")
        if not is_numbers(each["keypoints"], 3 * len(KEYPOINTS)) or not is_numbers([each["score"]], 1):
            raise PosekitError(
                f"{name}: keypoints must be {3 * len(KEYPOINTS)} numbers and score one, in picture {each['image_id']}"
            )
    if strange := {each["image_id"] for each in results} - found.keys():
        some = ", ".join(map(str, sorted(strange, key=str)[:5]))
        raise PosekitError(f"{name} has results of {len(strange)} pictures that {truth.name} does not list (image_id {some})")
    for each in results:
        found[each["image_id"]].append(dict(each))
    return Answers(found)
