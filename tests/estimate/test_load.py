import pytest

import posekit
from posekit.estimate.load import NAMES


def test_the_names_are_those_of_the_readme():
    assert set(NAMES) == {"lightning", "thunder", "lightning-int8", "thunder-int8", "multipose", "crowd"}


def test_each_name_loads_a_model_that_offers_what_the_protocol_says(lightning, thunder, multipose):
    """mypy checks the types; here the values, which no type knows."""
    models = (lightning, thunder, multipose, posekit.load_model("crowd"))
    seen = [(model.name, model.input_size, model.live_size, model.max_people) for model in models]
    assert seen == [("lightning", 192, 192, 1), ("thunder", 256, 256, 1), ("multipose", 256, 256, 6), ("crowd", 384, 512, 12)]
    limits = [[model.default_min_confidence(passes) for passes in (1, 2)] for model in models]
    assert limits == [[0.3, 0.13], [0.3, 0.16], [0.2, 0.2], [0.13, 0.13]], "measured: see the constants' comments"


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(posekit.UnknownModelError, match=r"did you mean 'crowd'.*or the path of a \.tflite file"):
        posekit.load_model("crowds")


@pytest.mark.slow
def test_multipose_takes_other_sizes_and_single_pose_models_do_not(person, person_xy):
    import numpy as np

    large = posekit.load_model("multipose", input_size=384)
    assert large.input_size == 384
    assert np.hypot(*(large(person).xy[0] - person_xy).T).mean() < 12
    for name, size, takes in (
        ("lightning", 256, "192 only"),
        ("multipose", 300, "multiples of 32"),
        ("multipose", 0, "multiples of 32"),
    ):
        with pytest.raises(posekit.PosekitError, match=f"{name} cannot see {size}×{size} pixels; it takes {takes}"):
            posekit.load_model(name, input_size=size)
    assert posekit.load_model("thunder", input_size=256).input_size == 256
