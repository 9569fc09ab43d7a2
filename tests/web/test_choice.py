import pytest
from werkzeug.exceptions import BadRequest

from posekit.estimate.load import NAMES
from posekit.web import choice


def test_every_model_has_a_sentence():
    assert set(choice.SENTENCES) == set(NAMES)


def test_the_first_that_is_offered_is_the_default():
    assert choice.read_model({}, ["thunder", "lightning"]) == "thunder"
    with pytest.raises(BadRequest, match="Choose one of: thunder, lightning"):
        choice.read_model({"model": "crowd"}, ["thunder", "lightning"])


def test_several_people_need_a_model_that_finds_them():
    assert choice.model_for_several(["lightning", "multipose", "crowd"]) == "crowd"
    assert choice.model_for_several(["lightning", "multipose"]) == "multipose"
    assert choice.model_for_several(["lightning", "thunder"]) is None


@pytest.mark.parametrize("text", ["-0.1", "1.01", "nan", "inf", "", "x"])
def test_a_least_score_is_a_number_from_0_to_1(text):
    with pytest.raises(BadRequest, match="from 0 to 1"):
        choice.read_view({"threshold": text})
    assert choice.read_view({}, 0.4).threshold == 0.4
