import itertools

import numpy as np
import pytest

from posekit import PosekitError
from posekit.models.size import size_places


def runtime(content):
    from ai_edge_litert.interpreter import Interpreter

    runtime = Interpreter(model_content=content)
    runtime.allocate_tensors()
    return runtime


def copy(content, height, width):
    """The file for one size, as a browser makes it."""
    changed = bytearray(content)
    for place in size_places(content):
        changed[place : place + 8] = np.array([height, width], "<i4").tobytes()
    return bytes(changed)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(192, 256), (256, 160), (256, 256), (32, 256)])
def test_a_copy_for_one_size_answers_as_the_file_that_is_resized(multipose, size):
    content = multipose.path.read_bytes()
    fixed = runtime(copy(content, *size))
    (details,) = fixed.get_input_details()
    assert details["shape"].tolist() == details["shape_signature"].tolist() == [1, *size, 3]
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)
    fixed.set_tensor(details["index"], picture[None])
    fixed.invoke()
    raw = fixed.get_tensor(fixed.get_output_details()[0]["index"])[0]
    resized = multipose.infer(picture)
    np.testing.assert_allclose(raw[:, :51].reshape(6, 17, 3)[..., [1, 0, 2]], resized, atol=1e-6)


def test_only_those_numbers_change(multipose):
    content = multipose.path.read_bytes()
    changed = np.frombuffer(copy(content, 3 * 2**24 + 7, 2**24 + 2), np.uint8) != np.frombuffer(content, np.uint8)
    places = set(itertools.chain.from_iterable(range(place, place + 8) for place in size_places(content)))
    assert set(np.flatnonzero(changed)) <= places
    assert len(places) == 16


def test_a_model_of_one_size_is_refused(lightning):
    with pytest.raises(PosekitError, match="one size only"):
        size_places(lightning.path.read_bytes())
