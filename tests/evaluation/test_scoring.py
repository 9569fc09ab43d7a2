import numpy as np
import pytest

from posekit.evaluation import scoring
from posekit.evaluation.truth import read_truth

pytest.importorskip("pycocotools")


@pytest.fixture
def score(folder, content, oracle):
    from posekit.evaluation.predict import answer

    def make(shift, **more):
        truth = read_truth(content, folder / "images")
        model = oracle(shift)
        results = [row for each in truth.pictures for row in answer(model, each)]
        return scoring.matched(truth.pictures, results, 1, **more)

    return make


def test_the_truth_itself_scores_one(score, capsys):
    figures = scoring.figures(score(0.0))
    assert figures["ap"] == figures["ar"] == figures["ap_large"] == pytest.approx(1)
    assert np.isnan(figures["ap_medium"]) or figures["ap_medium"] == pytest.approx(1)
    assert capsys.readouterr().out == ""


def test_without_any_results_everything_is_zero(folder, content):
    truth = read_truth(content, folder / "images")
    figures = scoring.figures(scoring.matched(truth.pictures, [], 1))
    assert figures["ap"] == figures["ar"] == 0


@pytest.mark.slow
def test_the_interval_holds_the_figure_and_shrinks_with_more_pictures(score, folder, content):
    evaluator = score(2.0)
    ap = scoring.figures(evaluator)["ap"]
    low, high = scoring.bootstrap(evaluator, resamples=200)
    assert 0 <= low < ap < high <= 1
    assert scoring.bootstrap(evaluator, resamples=200) == (low, high)
    evaluator.evalImgs = evaluator.evalImgs * 1
    assert scoring.figures(evaluator)["ap"] == ap, "the bootstrap leaves the evaluator as it was"


def test_the_interval_of_equal_pictures_is_a_point(score):
    low, high = scoring.bootstrap(score(0.0), resamples=50)
    assert low == pytest.approx(high) == pytest.approx(1)
