import json

import numpy as np
import pytest

import posekit
from posekit.cli import main
from posekit.pose import KEYPOINTS

pytest.importorskip("pycocotools")
pytest.importorskip("pandas")


@pytest.fixture
def annotations(tmp_path):
    """The rendered person, annotated, and a picture that is missing."""
    xy = np.array(posekit.ground_truth("person")["people"][0]["xy"][0])
    low, high = xy.min(axis=0), xy.max(axis=0)
    points = np.concatenate([xy, np.full((17, 1), 2)], axis=1).ravel().tolist()
    person = {"id": 1, "image_id": 1, "category_id": 1, "keypoints": points, "num_keypoints": 17, "iscrowd": 0}
    person |= {"bbox": [*low.tolist(), *(high - low).tolist()], "area": float(np.prod(high - low)) / 2}
    images = [{"id": 1, "file_name": "person.png", "width": 640, "height": 480}, {"id": 2, "file_name": "none.png"}]
    content = {"images": images, "annotations": [person], "categories": [{"id": 1, "name": "person", "keypoints": KEYPOINTS}]}
    (tmp_path / "people.json").write_text(json.dumps(content))
    return [str(tmp_path / "people.json"), str(posekit.sample("person").parent)]


@pytest.mark.slow
def test_prints_the_figures_and_writes_what_is_asked_for(annotations, tmp_path, capsys):
    page, results, kept = (tmp_path / name for name in ("report.html", "results.json", "answers.jsonl"))
    arguments = ["--html", str(page), "--results", str(results), "--checkpoint", str(kept)]
    assert main(["evaluate", *annotations, *arguments]) == 0
    said = capsys.readouterr().out
    for words in (
        "Evaluation(lightning: AP 1.0",
        "95 % interval of AP",
        "left_ankle",
        "Not read:\n  none.png: there is no file",
        str(page),
    ):
        assert words in said
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert len(json.loads(results.read_text())) == 1
    assert main(["evaluate", *annotations, *arguments]) == 1
    assert "already exists; replace it with --overwrite" in capsys.readouterr().err
    assert main(["evaluate", *annotations, *arguments, "--overwrite"]) == 0


@pytest.mark.slow
def test_as_json(annotations, capsys):
    assert main(["evaluate", *annotations, "--json", "--people", "one", "--crops"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["figures"]["ap"] > 0.5
    assert told["figures"]["ap_medium"] is None
    assert list(told["broken"]) == ["none.png"] or told["broken"] == {}


def test_explains_what_is_wrong(annotations, tmp_path, capsys):
    assert main(["evaluate", annotations[0], str(tmp_path / "nowhere")]) == 1
    assert "no folder" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path / "none.json"), annotations[1]]) == 1
    assert "cannot read" in capsys.readouterr().err
