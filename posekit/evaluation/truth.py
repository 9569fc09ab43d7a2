"""Reads and checks annotations in COCO's keypoint format."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posekit.errors import PosekitError
from posekit.folders import pictures_in
from posekit.pose import KEYPOINTS

#: The fields that each annotation of a person must have, and how many numbers each holds.
_FIELDS = {"bbox": 4, "keypoints": 3 * len(KEYPOINTS)}


@dataclass(frozen=True)
class Picture:
    """One picture of an evaluation.

    Attributes:
        id: the id in the annotations; the path for a picture that is not in them.
        name: the name for display.
        path: the file.
        size: (width, height) as the annotations state it, or None.
        people: the annotations of people in it, including crowds and people without keypoints.
    """

    id: int | str
    name: str
    path: Path
    size: tuple[int, int] | None
    people: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Truth:
    """The annotations of a data set.

    Attributes:
        name: the name of the annotation file, for messages.
        pictures: the pictures in the order of the file.
        category: the id of the category of people in the file.
    """

    name: str
    pictures: Sequence[Picture]
    category: int

    def chosen(self, people: str) -> list[Picture]:
        """The pictures for `people`: `"all"`; or `"one"`, those with exactly one person, who has keypoints.

        Raises:
            PosekitError: there are none with a person who has keypoints, or `people` is something else.
        """
        if people not in ("all", "one"):
            raise PosekitError(f'people must be "all" or "one", not {people!r}')
        some = [each for each in self.pictures if people == "all" or _alone(each)]
        if not any(labelled(person) for each in some for person in each.people):
            what = "nobody is annotated with keypoints" if people == "all" else "no picture has exactly one person with keypoints"
            raise PosekitError(f"{what} in {self.name} ({len(self.pictures)} pictures), so there is nothing to compare with")
        return some


def labelled(person: Mapping[str, Any]) -> bool:
    """Whether COCO's metric counts a person: at least one keypoint is labelled, and it is not a crowd."""
    return bool(person["num_keypoints"]) and not person["iscrowd"]


def _alone(picture: Picture) -> bool:
    return len(picture.people) == 1 and labelled(picture.people[0])


def read_truth(source: str | os.PathLike[str] | Mapping[str, Any], images: str | os.PathLike[str]) -> Truth:
    """Reads annotations.

    Args:
        source: a JSON file such as COCO's person_keypoints_val2017.json, or its content.
        images: the folder that contains the files that it names.

    Raises:
        PosekitError: the annotations are not in that format (the message says what is missing), or there is no such folder.
    """
    name = "the annotations" if isinstance(source, Mapping) else str(source)
    content = source if isinstance(source, Mapping) else read_json(Path(source))
    folder = Path(images)
    if not folder.is_dir():
        raise PosekitError(f"there is no folder {folder} with the pictures of {name}")
    if not isinstance(content, Mapping) and _is_list_of_objects(content) and any("keypoints" in each for each in content):
        raise PosekitError(f"{name} is a file of results; the annotations are in another, such as person_keypoints_val2017.json")
    if not isinstance(content, Mapping):
        raise PosekitError(
            f"{name} holds a {type(content).__name__}, not COCO annotations: an object with images, annotations, categories"
        )
    for key in ("images", "annotations", "categories"):
        if not _is_list_of_objects(content.get(key)):
            raise PosekitError(
                f"{name} is not in COCO's format: it has no list {key!r} (it has: {', '.join(map(str, content)) or 'nothing'})"
            )
    category = _person_category(content["categories"], name)
    people = _people(content["annotations"], category, name)
    return Truth(name, _pictures(content["images"], people, folder, name), category)


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises:
        PosekitError: it is missing or is not JSON.
    """
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise PosekitError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise PosekitError(f"{path} is not JSON: {error}") from error


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) for each in value)


def _person_category(categories: Sequence[Mapping[str, Any]], name: str) -> int:
    with_keypoints = [each for each in categories if each.get("keypoints")]
    if not with_keypoints:
        raise PosekitError(f"{name} has no category with keypoints; of COCO's files take person_keypoints_…, not instances_…")
    for each in with_keypoints:
        if tuple(each["keypoints"]) == KEYPOINTS and isinstance(each.get("id"), int):
            return int(each["id"])
    seen, whose = with_keypoints[0]["keypoints"], with_keypoints[0].get("name")
    raise PosekitError(
        f"{name} has another set of keypoints: {len(seen)} ({', '.join(map(str, seen[:4]))}, …) of {whose}; "
        f"MoveNet finds COCO's {len(KEYPOINTS)} ({', '.join(KEYPOINTS[:4])}, …), in that order"
    )


def _people(annotations: Sequence[Mapping[str, Any]], category: int, name: str) -> dict[Any, list[dict[str, Any]]]:
    """The checked annotations of people by picture. Their ids are renumbered from 1, since pycocotools takes 0 for nobody."""
    found: dict[Any, list[dict[str, Any]]] = {}
    people = (each for each in annotations if each.get("category_id") == category)
    for number, each in enumerate(people, 1):
        who = f"annotation {each.get('id', number)} in {name}"
        for field in ("image_id", "area", *_FIELDS):
            if field not in each:
                raise PosekitError(f"{who} has no {field!r}")
        for field, count in _FIELDS.items():
            if not is_numbers(each[field], count):
                raise PosekitError(f"{who}: {field!r} must be {count} numbers, not {str(each[field])[:60]}")
        if not is_numbers([each["area"]], 1):
            raise PosekitError(f"{who}: 'area' must be a number, not {each['area']!r}")
        if not isinstance(each["image_id"], (int, str)):
            raise PosekitError(f"{who}: 'image_id' must be the id of a picture, not {each['image_id']!r}")
        shown = sum(v > 0 for v in each["keypoints"][2::3])
        whole = {"iscrowd": 0, "num_keypoints": shown, **each, "id": number, "annotation_id": each.get("id", number)}
        found.setdefault(each["image_id"], []).append(whole)
    return found


def is_numbers(values: Any, count: int) -> bool:
    """Whether `values` is a list of `count` finite numbers."""
    return (
        isinstance(values, list)
        and len(values) == count
        and all(type(each) in (int, float) and math.isfinite(each) for each in values)
    )


def _pictures(
    images: Sequence[Mapping[str, Any]], people: dict[Any, list[dict[str, Any]]], folder: Path, name: str
) -> list[Picture]:
    pictures = []
    for each in images:
        if not isinstance(each.get("id"), (int, str)) or not isinstance(each.get("file_name"), str):
            raise PosekitError(
                f"{name} is not in COCO's format: an image needs 'id' and 'file_name', but one has {', '.join(each)}"
            )
        size = (each["width"], each["height"]) if {"width", "height"} <= each.keys() else None
        pictures.append(Picture(each["id"], each["file_name"], folder / each["file_name"], size, people.get(each["id"], ())))
    known = {picture.id for picture in pictures}
    if len(known) < len(pictures):
        raise PosekitError(f"{name} lists {len(pictures) - len(known)} pictures twice: image ids must differ")
    if strange := [key for key in people if key not in known]:
        raise PosekitError(f"{name} annotates pictures that it does not list: image_id {', '.join(map(str, strange[:5]))}")
    return pictures


def without_people(folder: str | os.PathLike[str]) -> list[Picture]:
    """The pictures of a folder, none of which shows people.

    Raises:
        PosekitError: there is no such folder, or it has no pictures.
    """
    return [Picture(str(path), path.name, path, None, ()) for path in pictures_in(Path(folder))]
