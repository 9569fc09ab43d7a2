import numpy as np
import pytest

from posekit import PosekitError, Region, UnknownModelError
from posekit.estimate import centre_weights, heads, multiplications


def decoded(model, square):
    """The 17 points from the four heads, with the model's own rule: x, y, score as `infer` gives them."""
    inside = heads(model.path, square)
    n = len(inside.centre)
    rows, columns = np.mgrid[:n, :n]
    middle = np.unravel_index((inside.centre * centre_weights(model.path)).argmax(), (n, n))
    expected = inside.regression[middle] + middle[::-1]
    points = []
    for k, (x, y) in enumerate(expected):
        near = 1 / (np.hypot(columns - x, rows - y) + 1.8)
        row, column = np.unravel_index((inside.heatmaps[..., k] * near).argmax(), (n, n))
        place = inside.offsets[row, column, k] + (column, row)
        points.append([*place * float(np.float16(1 / n)), inside.heatmaps[row, column, k]])
    return np.array(points)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lightning", "thunder"])
def test_the_heads_decoded_by_hand_are_the_answer(name, request, person):
    model = request.getfixturevalue(name)
    square = Region.whole((640, 480)).cut(person, model.input_size)[0]
    away = np.abs(decoded(model, square) - model.infer(square)[0])
    assert away[:, :2].max() * model.input_size <= 0.01
    assert away[:, 2].max() < 1e-4


def test_the_middle_counts_most(lightning):
    weights = centre_weights(lightning.path)
    assert weights.shape == (48, 48)
    assert np.unravel_index(weights.argmax(), weights.shape) == (24, 24)
    distance = np.hypot(*(np.mgrid[:48, :48] - 24))
    np.testing.assert_allclose(1 / weights, distance + 1.8, atol=0.02)


def test_heat_maps_are_hot_at_the_true_joints(lightning, person, person_xy):
    square, scale, offset = Region.whole((640, 480)).cut(person, 192)
    inside = heads(lightning.path, square)
    cells = (person_xy - offset) / scale * 48
    for k, (x, y) in enumerate(cells):
        row, column = np.unravel_index(inside.heatmaps[..., k].argmax(), (48, 48))
        assert np.hypot(column + 0.5 - x, row + 0.5 - y) < 4, k


def test_the_heads_cost_less_than_the_backbone(lightning):
    count = multiplications(lightning.path)
    assert set(count) == {"backbone", "center_0", "kpt_heatmap_0", "kpt_regress_0", "kpt_offset_0"}
    # By hand: a depthwise 3 × 3 over 24 maps, 24 → 96, 96 → 17, at each of the 48 × 48 cells.
    assert count["kpt_heatmap_0"] == 48 * 48 * (9 * 24 + 24 * 96 + 96 * 17)
    assert count["backbone"] > sum(count.values()) / 2


def test_what_has_no_such_heads_is_refused(multipose, tmp_path, lightning):
    with pytest.raises(PosekitError, match="lightning or thunder"):
        centre_weights(multipose.path)
    with pytest.raises(PosekitError, match=r"expected a square \(192, 192, 3\)"):
        heads(lightning.path, np.zeros((256, 256, 3), np.uint8))
    with pytest.raises(UnknownModelError, match="no model file"):
        heads(tmp_path / "none.tflite", np.zeros((192, 192, 3), np.uint8))
