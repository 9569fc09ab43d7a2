import pickle
import threading

import numpy as np
import pytest

import posekit
from posekit import Region
from posekit.pose.skeleton import FLIP, INDEX


def error(poses, truth):
    return np.hypot(*(poses.xy[0] - truth).T)


@pytest.mark.parametrize("name", ["lightning", "thunder"])
def test_finds_the_rendered_person_where_it_is(name, request, person, person_xy):
    poses = request.getfixturevalue(name)(person)
    assert len(poses) == 1
    assert error(poses, person_xy).mean() < 5
    assert error(poses, person_xy).max() < 21, "the tolerance of Google's own test of MoveNet"
    assert (poses.score > 0.3).all()
    assert poses.size == (640, 480)


@pytest.mark.parametrize("name", ["lightning", "thunder"])
def test_left_and_right_and_x_and_y_are_not_exchanged(name, request, person):
    pose = request.getfixturevalue(name)(person)[0]
    # The person faces the camera and waves with the right hand, which is on the left of the picture.
    assert pose["right_shoulder"].x < pose["left_shoulder"].x
    assert pose["nose"].y < pose["left_hip"].y < pose["left_ankle"].y
    assert pose["right_wrist"].y < pose["right_shoulder"].y


def test_the_primitive_gives_x_y_score_as_shares_of_the_square(lightning, person, person_xy):
    square, scale, offset = Region.whole((640, 480)).cut(person, 192)
    points = lightning.infer(square)
    assert points.shape == (1, 17, 3)
    assert points.dtype == np.float32
    assert np.abs(points[0, :, :2] * 640 - (0, 80) - person_xy).mean() < 8, "by hand: 640 wide, 80 rows of padding above"
    np.testing.assert_allclose(points[0, :, :2] * scale + offset, points[0, :, :2] * 640 - (0, 80), atol=1e-3)


def test_colours_the_wrong_way_round_cost_confidence(thunder, person):
    assert thunder.look(person).confidence[0] > thunder.look(person[..., ::-1].copy()).confidence[0]


def test_a_mirrored_picture_gives_the_mirrored_pose(thunder, person):
    poses = thunder(person)
    mirrored = thunder(np.ascontiguousarray(person[:, ::-1]))
    back = mirrored.xy[0, FLIP] * (-1, 1) + (640, 0)
    assert np.hypot(*(back - poses.xy[0]).T).mean() < 5


def test_the_same_person_is_found_at_any_place_of_a_larger_picture(thunder, person, person_xy):
    for x, y in ((0, 0), (500, 0), (260, 300)):
        large = np.full((900, 1200, 3), 200, np.uint8)
        large[y : y + 480, x : x + 640] = person
        assert error(thunder(large), person_xy + (x, y)).mean() < 6


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lightning", "thunder", "multipose"])
@pytest.mark.parametrize("nothing", ["black", "white", "noise", "stripes"])
def test_nobody_is_found_where_nobody_is(name, nothing, request):
    image = {
        "black": np.zeros((480, 640, 3), np.uint8),
        "white": np.full((480, 640, 3), 255, np.uint8),
        "noise": np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8),
        "stripes": np.tile(np.array([0, 255], np.uint8).repeat(40)[None, :, None], (480, 8, 3)),
    }[nothing]
    poses = request.getfixturevalue(name)(image)
    assert len(poses) == 0
    assert poses.xy.shape == (0, 17, 2)


def test_min_confidence_zero_keeps_everybody_and_one_nobody(lightning, person):
    assert len(lightning(np.zeros((48, 64, 3), np.uint8), min_confidence=0)) == 1
    assert len(lightning(person, min_confidence=1)) == 0


def test_multipose_finds_two_people_side_by_side(multipose, person, person_xy):
    pair = np.concatenate([person[:, 160:480], person[:, 160:480]], axis=1)
    poses = multipose(pair)
    assert len(poses) == 2
    for pose in poses:
        shift = (0, 0) if pose["nose"].x < 320 else (320, 0)
        assert np.hypot(*(pose.xy - (person_xy - (160, 0) + shift)).T).mean() < 15
    assert poses.confidence[0] >= poses.confidence[1]


@pytest.mark.parametrize("name", ["lightning", "multipose"])
def test_the_box_holds_the_body(name, request, person, person_xy):
    x0, y0, x1, y1 = request.getfixturevalue(name)(person).box[0]
    np.testing.assert_allclose((x0, x1), (person_xy[:, 0].min(), person_xy[:, 0].max()), atol=40)
    np.testing.assert_allclose((y0, y1), (person_xy[:, 1].min(), person_xy[:, 1].max()), atol=60)


@pytest.mark.parametrize("shape", [(1, 1), (3, 300), (30, 4000), (32, 48)])
def test_odd_sizes_do_not_break_it(lightning, shape):
    assert lightning(np.zeros((*shape, 3), np.uint8)).size == shape[::-1]


@pytest.mark.parametrize(
    ("image", "seen"),
    [
        (np.zeros((48, 64, 3), np.float32), r"float32 \(48, 64, 3\)"),
        (np.zeros((48, 64), np.uint8), r"uint8 \(48, 64\)"),
        (np.zeros((48, 64, 4), np.uint8), r"uint8 \(48, 64, 4\)"),
        (np.full((48, 64, 3), np.nan), "float64"),
        ("photo.jpg", "str"),
        (np.zeros((0, 64, 3), np.uint8), "empty"),
    ],
)
def test_what_is_not_an_rgb_array_is_refused(lightning, image, seen):
    for call in (lightning, lightning.look):
        with pytest.raises(posekit.ImageError, match=seen):
            call(image)


def test_a_square_of_the_wrong_size_is_refused(lightning):
    with pytest.raises(posekit.PosekitError, match=r"\(192, 192, 3\) of uint8, got uint8 \(256, 256, 3\)"):
        lightning.infer(np.zeros((256, 256, 3), np.uint8))


def test_passes_that_a_model_cannot_make_are_refused(lightning, multipose, person):
    for passes in (-1, 0, 3):
        with pytest.raises(posekit.PosekitError, match=f"cannot make {passes} passes"):
            lightning(person, passes=passes)
    with pytest.raises(posekit.PosekitError, match=r"cannot make 2 passes; give passes=1$"):
        multipose(person, passes=2)


def test_the_picture_is_not_changed(lightning, person):
    before = person.copy()
    lightning(person)
    np.testing.assert_array_equal(person, before)


@pytest.mark.slow
def test_two_threads_may_share_a_model(lightning, person):
    mirrored = np.ascontiguousarray(person[:, ::-1])
    expected = {id(image): lightning(image).xy for image in (person, mirrored)}
    wrong = []

    def work(image):
        for _ in range(15):
            if not np.array_equal(lightning(image).xy, expected[id(image)]):
                wrong.append(image)

    threads = [threading.Thread(target=work, args=(image,)) for image in (person, mirrored) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_model_by_its_path(lightning, person):
    again = posekit.load_model(lightning.path, threads=1)
    assert again.name == "lightning"
    np.testing.assert_allclose(again(person).xy, lightning(person).xy, atol=0.5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lightning", "multipose", "crowd"])
def test_a_pickled_model_is_opened_again_with_its_settings(name, person):
    model = posekit.load_model(name, threads=1, input_size=None if name == "lightning" else 320)
    content = pickle.dumps(model)
    assert len(content) < 1000, "its name and settings, not its weights"
    again = pickle.loads(content)
    assert (repr(again), again.live_size) == (repr(model), model.live_size)
    np.testing.assert_array_equal(again(person).xy, model(person).xy)


def test_a_pickled_model_of_the_catalogue_is_found_by_name_and_another_by_path(lightning, tmp_path, monkeypatch):
    (tmp_path / "mine.tflite").write_bytes(lightning.path.read_bytes())
    mine = pickle.dumps(posekit.load_model(tmp_path / "mine.tflite"))
    ours = pickle.dumps(lightning)
    elsewhere = tmp_path / "elsewhere"  # as on another machine
    elsewhere.mkdir()
    monkeypatch.setenv("POSEKIT_MODELS", str(elsewhere))
    (elsewhere / "lightning.tflite").symlink_to(lightning.path)
    (elsewhere / "lightning.json").symlink_to(lightning.path.with_suffix(".json"))
    assert pickle.loads(ours).path.parent == elsewhere
    assert pickle.loads(mine).path == tmp_path / "mine.tflite"
    (tmp_path / "mine.tflite").unlink()
    with pytest.raises(posekit.UnknownModelError, match="there is no model file"):
        pickle.loads(mine)


def test_a_model_that_answers_nan_is_explained(lightning, person, monkeypatch):
    monkeypatch.setattr(lightning._interpreter, "run", lambda square: np.full((1, 1, 17, 3), np.nan, np.float32))
    for call in (lightning, lightning.look):
        with pytest.raises(posekit.PosekitError, match=r"lightning answered with NaN: the file .*lightning\.tflite is damaged"):
            call(person)


def test_unknown_models_and_files_that_are_not_models(tmp_path):
    (tmp_path / "text.tflite").write_text("this is no model at all, but long enough to be looked at")
    (tmp_path / "empty.tflite").write_bytes(b"")
    with pytest.raises(posekit.UnknownModelError, match="did you mean 'thunder'"):
        posekit.load_model("thuner")
    with pytest.raises(posekit.UnknownModelError, match="no model file"):
        posekit.load_model(tmp_path / "missing.tflite")
    for name in ("text.tflite", "empty.tflite"):
        with pytest.raises(posekit.UnknownModelError, match="not a TFLite model"):
            posekit.load_model(tmp_path / name)


@pytest.mark.slow
def test_a_tflite_file_that_is_not_movenet(tmp_path):
    import tensorflow as tf

    net = tf.keras.Sequential([tf.keras.layers.Input((8, 8, 3)), tf.keras.layers.Flatten()])
    (tmp_path / "other.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(net).convert())
    with pytest.raises(posekit.UnknownModelError, match="not MoveNet"):
        posekit.load_model(tmp_path / "other.tflite")


def test_repr_is_for_people(lightning, multipose):
    assert repr(lightning) == "MoveNet(lightning, 192×192)"
    assert repr(multipose) == "MoveNet(multipose, 256×256, up to 6 people)"


def test_keypoints_have_their_index():
    assert INDEX["left_knee"] == 13  # as in Google's table of MoveNet's output
