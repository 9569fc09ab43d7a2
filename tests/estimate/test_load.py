import pytest

import posekit
from posekit.estimate.load import NAMES


def test_each_name_of_the_catalogue_and_crowd_can_be_loaded():
    assert (*posekit.models.CATALOGUE, "crowd") == NAMES


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(posekit.UnknownModelError, match=r"did you mean 'crowd'.*or the path of a \.tflite file"):
        posekit.load_model("crowds")


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
