"""`posekit.evaluate` beside pycocotools alone, on the same results."""

import json
import multiprocessing

import numpy as np
import pytest

import posekit

pytest.importorskip("pycocotools")
pytest.importorskip("pandas")


def alone(annotations, results, images=None):
    """The ten figures by pycocotools as its own demo computes them, from two files."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth = COCO(str(annotations))
    score = COCOeval(truth, truth.loadRes(str(results)), "keypoints")
    if images:
        score.params.imgIds = images
    score.evaluate()
    score.accumulate()
    score.summarize()
    return score.stats


def same(evaluation, stats):
    figures = np.array(list(evaluation.figures.values()))
    return np.array_equal(np.where(np.isnan(figures), -1, figures), stats)


@pytest.mark.slow
@pytest.mark.parametrize("shift", [0, 1.5, 4])
def test_the_figures_are_those_of_pycocotools_to_the_last_digit(shift, evaluate, oracle, folder, tmp_path):
    found = evaluate(oracle(shift, ghosts=1))
    assert same(found, alone(folder / "people.json", found.save(tmp_path / "results.json")))
    assert found.ap == found.figures["ap"] > 0
    assert (found.ap50, found.ap75, found.ar, found.ap_large) == tuple(found.figures[k] for k in ("ap50", "ap75", "ar", "ap_large"))


def test_movenet_on_pictures_with_one_person(evaluate, lightning, folder, tmp_path):
    found = evaluate(lightning, people="one")
    assert len(found.pictures) == 6
    assert found.ap > 0.5
    ids = [each.id for each in found.pictures]
    assert same(found, alone(folder / "people.json", found.save(tmp_path / "results.json"), ids))


@pytest.mark.slow
def test_photos(shared, tmp_path):
    annotations = shared / "photos" / "person_keypoints.json"
    found = posekit.evaluate(annotations, shared / "photos" / "images", "lightning", nobody=shared / "nobody")
    assert same(found, alone(annotations, found.save(tmp_path / "results.json")))
    assert found.broken.keys() <= {path.name for path in (shared / "nobody").iterdir() if not path.stat().st_size}
    assert found.without_people > 60
    assert len(found.ghosts) <= 3


@pytest.mark.slow
def test_results_that_exist_are_scored_without_any_model(evaluate, oracle, tmp_path):
    first = evaluate(oracle(2))
    again = evaluate(str(first.save(tmp_path / "results.json")))
    assert again.figures == first.figures
    assert evaluate(list(first.results)).figures == first.figures


@pytest.mark.slow
def test_ghosts_are_counted_on_pictures_without_people(evaluate, oracle, folder, tmp_path):
    assert evaluate(oracle(0)).ghosts == ()
    claims = evaluate(oracle(0, ghosts=1))
    assert (claims.without_people, claims.ghosts) == (1, ("17.png",))
    (tmp_path / "17.png").write_bytes((folder / "images" / "17.png").read_bytes())
    more = evaluate(oracle(0, ghosts=1), nobody=tmp_path, people="one")
    assert (more.without_people, more.ghosts) == (1, ("17.png",))
    assert len(more.pictures) == 6
    with pytest.raises(posekit.PosekitError, match="leave one of them out"):
        evaluate(oracle(0), nobody=tmp_path, crops=True)


def test_broken_pictures_are_reported_and_do_not_count(content, folder, oracle, tmp_path):
    for image in content["images"][1:]:
        (tmp_path / image["file_name"]).write_bytes((folder / "images" / image["file_name"]).read_bytes())
    found = posekit.evaluate(content, tmp_path, oracle(0), progress=False)
    assert list(found.broken) == ["10.png"]
    assert "1 could not be read" in repr(found)
    assert found.ap == pytest.approx(1)
    with pytest.raises(posekit.PosekitError, match=r"none of the 8 pictures with people could be read: there is no file"):
        posekit.evaluate(content, folder, oracle(0), progress=False)


@pytest.mark.slow
def test_a_killed_run_goes_on_with_the_same_figures(folder, tmp_path, evaluate):
    """Another process is killed as soon as it has kept two answers."""
    file = tmp_path / "answers.jsonl"
    child = multiprocessing.get_context("spawn").Process(
        target=posekit.evaluate, args=(folder / "people.json", folder / "images", "lightning"), kwargs={"checkpoint": file}
    )
    child.start()
    while child.is_alive() and not (file.exists() and file.read_bytes().count(b"\n") >= 3):
        child.join(0.001)
    child.kill()
    child.join()
    kept = [line for line in file.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    assert len(kept) >= 3
    found = evaluate("lightning", checkpoint=file)
    assert file.read_bytes().startswith(b"".join(kept)), "what was done stays, and is not done again"
    assert len(file.read_bytes().splitlines()) == 1 + 8
    assert found.results == evaluate("lightning").results
    assert found.figures == evaluate("lightning").figures


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ([{"image_id": 999, "keypoints": [0.0] * 51, "score": 1}], r"results of 1 pictures that .*people.json does not list .*999"),
        ([{"image_id": 10, "keypoints": [0.0] * 51}], "one has no 'score'"),
        ([{"image_id": 10, "keypoints": [0.0] * 63, "score": 1}], "51 numbers"),
        ({"images": []}, "a list of objects with image_id, keypoints, score"),
        ([5], "a list of objects"),
    ],
)
def test_a_file_of_strange_results(results, message, evaluate, tmp_path):
    (tmp_path / "results.json").write_text(json.dumps(results))
    with pytest.raises(posekit.PosekitError, match=message):
        evaluate(tmp_path / "results.json")


def test_an_unknown_model_and_a_place_that_cannot_be_written(evaluate, oracle, tmp_path):
    with pytest.raises(posekit.UnknownModelError, match="did you mean 'thunder'"):
        evaluate("thuner")
    with pytest.raises(posekit.PosekitError, match="cannot write"):
        evaluate(oracle(0)).save(tmp_path / "none" / "results.json")
