import io
from dataclasses import replace

import numpy as np
import pytest
import traitlets
from PIL import Image

import posekit
from posekit.pose.poses import Poses
from posekit.widgets.pose_viewer import PARTS, SHOWN_SIDE, PoseViewer, encode


@pytest.fixture
def viewer(person, waving):
    return PoseViewer(person, waving)


@pytest.fixture
def two(waving):
    return Poses.concat([waving, waving], (640, 480))


def decoded(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def test_it_is_public():
    assert posekit.PoseViewer is PoseViewer


def test_it_shows_itself_in_words_where_there_is_no_browser(viewer, person):
    assert repr(viewer) == "PoseViewer(640×480, 1 person)"
    assert repr(PoseViewer(person, Poses.empty((640, 480)))) == "PoseViewer(640×480, nobody)"
    assert viewer._repr_mimebundle_()[0]["text/plain"] == repr(viewer)


def test_it_takes_any_picture(person, waving):
    path = posekit.sample("person")
    for source in (path, path.read_bytes(), Image.open(path), person):
        np.testing.assert_array_equal(PoseViewer(source, waving).image, person)
    with pytest.raises(posekit.ImageError, match="there is no file"):
        PoseViewer("nowhere.png", waving)


def test_poses_of_another_picture_are_refused(viewer, person, waving):
    with pytest.raises(posekit.PosekitError, match="640×480 pixels, this one has 640×479"):
        PoseViewer(person[1:], waving)
    with pytest.raises(posekit.PosekitError, match="expected Poses, got ReadOnlyArray"):
        PoseViewer(person, waving.xy)
    with pytest.raises(posekit.PosekitError, match="320×240"):
        viewer.poses = Poses.empty((320, 240))
    assert viewer.poses is waving


def test_misspelt_options_are_refused(person, waving):
    with pytest.raises(TypeError, match="PoseViewer has no option 'treshold'; did you mean 'threshold'"):
        PoseViewer(person, waving, treshold=0.5)
    with pytest.raises(TypeError, match="no option '_shown'"):
        PoseViewer(person, waving, _shown={})
    viewer = PoseViewer(person, waving, names=True, parts=["head"], threshold=0.5)
    assert (viewer.names, viewer.parts, viewer.threshold) == (True, ["head"], 0.5)


def test_traits_have_bounds(viewer):
    for name, value in {"threshold": 1.1, "parts": ["tail"], "names": "no"}.items():
        with pytest.raises(traitlets.TraitError):
            setattr(viewer, name, value)
    with pytest.raises(posekit.PosekitError, match="there is no person 1; 1 person in this picture, counted from 0"):
        viewer.person = 1
    assert viewer.parts == list(PARTS)


def test_selected_names_a_joint(viewer):
    viewer.selected = {"person": 0, "keypoint": "left_wrist"}
    with pytest.raises(posekit.PosekitError, match="did you mean 'left_wrist'"):
        viewer.selected = {"person": 0, "keypoint": "left_wirst"}
    with pytest.raises(posekit.PosekitError, match="selected is None or like"):
        viewer.selected = {"joint": 3}
    assert viewer.selected == {"person": 0, "keypoint": "left_wrist"}


def test_the_browser_gets_every_keypoint_in_pixels_of_the_picture(viewer, waving):
    (someone,) = viewer._shown["people"]
    np.testing.assert_allclose([point[:2] for point in someone["points"]], waving.xy[0], atol=0.01)
    assert {point[2] for point in someone["points"]} == {0.9}
    assert viewer._shown["size"] == [640, 480]


def test_missing_points_are_left_out(person, waving):
    shown = PoseViewer(person, replace(waving, score=np.linspace(0, 1, 17, dtype=np.float32)[None]).above(0.5))._shown
    assert [point is None for point in shown["people"][0]["points"]] == [True] * 8 + [False] * 9


def test_other_people_take_the_place_of_the_former(viewer, two, waving):
    viewer.poses = two
    viewer.person, viewer.selected = 1, {"person": 1, "keypoint": "nose"}
    assert len(viewer._shown["people"]) == 2
    viewer.poses = waving
    assert len(viewer._shown["people"]) == 1
    assert viewer.person is None
    assert viewer.selected is None


def test_another_picture_takes_the_place_of_the_former(viewer, person, waving, monkeypatch):
    sent = []
    monkeypatch.setattr(viewer, "send", lambda content, buffers: sent.append((content, *buffers)))
    with pytest.raises(posekit.PosekitError, match="320×240"):
        viewer.show(person, Poses.empty((320, 240)))
    assert viewer.image is person
    viewer.show(np.zeros((240, 320, 3), np.uint8), Poses.empty((320, 240)))
    assert repr(viewer) == "PoseViewer(320×240, nobody)"
    ((content, file),) = sent
    assert content["kind"] == "picture"
    assert decoded(file).shape == (240, 320, 3)


def test_the_picture_goes_out_when_the_browser_is_ready(viewer, person, monkeypatch):
    sent = []
    monkeypatch.setattr(viewer, "send", lambda content, buffers: sent.append((content, *buffers)))
    viewer._handle_msg({"content": {"data": {"method": "custom", "content": {"kind": "ready"}}}, "buffers": []})
    ((content, file),) = sent
    assert content == {"kind": "picture", "type": "image/jpeg"}
    assert np.abs(decoded(file).astype(int) - person).mean() < 3


def test_pictures_are_encoded_as_large_as_they_are_shown(person):
    kind, content = encode(person[:100, :200])
    assert kind == "image/png"
    np.testing.assert_array_equal(decoded(content), person[:100, :200])
    for shape in ((3000, 4000), (4000, 3000), (10, 9000)):
        kind, content = encode(np.zeros((*shape, 3), np.uint8))
        assert max(decoded(content).shape) == SHOWN_SIDE
    assert min(decoded(content).shape[:2]) == 1


def test_a_bad_message_is_reported(viewer):
    viewer._handle_msg({"content": {"data": {"method": "custom", "content": None}}, "buffers": []})
    assert "AttributeError" in viewer.error
