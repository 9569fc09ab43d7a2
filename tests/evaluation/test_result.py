import numpy as np
import pytest

from posekit.pose import KEYPOINTS

pytest.importorskip("pycocotools")
pytest.importorskip("pandas")


@pytest.mark.slow
def test_the_interval_surrounds_the_figure(evaluate, oracle):
    found = evaluate(oracle(2))
    low, high = found.interval
    assert low <= found.ap <= high


def test_per_keypoint(evaluate, oracle):
    exact = evaluate(oracle(0)).per_keypoint
    assert list(exact.index) == [*KEYPOINTS, "all"]
    assert (exact[["pck", "oks", "good"]] == 1).all(axis=None)
    assert exact.loc["nose", "annotated"] == 8
    assert exact.loc["all", "annotated"] == 8 * 17
    far = evaluate(oracle(5)).per_keypoint
    assert (far["error"] > exact["error"]).all()
    assert far.loc["left_eye", "oks"] < far.loc["left_hip", "oks"], "annotators agree better on eyes than on hips"
    kinds = far[["good", "jitter", "inversion", "swap", "miss"]]
    assert np.allclose(kinds.sum(axis=1), 1)


def test_somebody_who_is_not_found_counts_as_wrong(evaluate):
    table = evaluate(lambda image: []).per_keypoint
    assert (table["pck"] == 0).all()
    assert table["error"].isna().all()


def test_the_worst_come_first(evaluate, oracle):
    model = oracle(1)

    def forgets(image):
        found = model(image)
        return found[:0] if len(model.seen) == 2 else found

    found = evaluate(forgets)
    worst = found.worst(3)
    assert len(worst) == 3
    assert not worst["found"][0]
    assert worst["oks"].is_monotonic_increasing
    assert worst["file"][0] == "11.png"
    assert worst["annotation"][0] == 101
    assert found.worst(99, found=True)["found"].all()
    assert len(found.worst(99, found=False)) == 1
    assert len(found.worst(99)) == 8


@pytest.mark.slow
def test_it_shows_itself(evaluate, oracle):
    found = evaluate(oracle(2))
    assert repr(found).startswith("Evaluation(model: AP 0.")
    assert "8 pictures, 8 people, ghosts in 0 of 1" in repr(found)
    assert "95 % interval" in found._repr_html_()
    (row,) = found.to_pandas().to_dict("records")
    assert row["low"] <= row["ap"] <= row["high"]
