import numpy as np
import pytest

import posekit
from posekit.pose.skeleton import KEYPOINTS
from posekit.samples import SAMPLES

RENDERED = [name for name in SAMPLES if name != "astronaut"]
CLIPS = [name for name in RENDERED if name not in ("person", "people")]
STANDING = ["squats", "jumping_jacks", "walk"]


@pytest.mark.parametrize("name", SAMPLES)
def test_each_sample_is_there_and_small(name):
    path = posekit.sample(name)
    assert path.is_file()
    assert path.stat().st_size < (1_500_000 if name == "people" else 420_000)


def test_all_samples_together_are_small():
    assert sum(path.stat().st_size for path in posekit.sample("squats").parent.iterdir() if path.is_file()) < 6_000_000


@pytest.mark.parametrize("name", RENDERED)
def test_the_truth_fits_its_clip(name):
    truth = posekit.ground_truth(name)
    assert tuple(truth["keypoints"]) == KEYPOINTS
    for body in truth["people"]:
        xy, visible = np.array(body["xy"]), np.array(body["visible"])
        assert xy.shape == (truth["frames"], 17, 2)
        assert visible.shape == (truth["frames"], 17)
        inside = (xy > 0).all(axis=2) & (xy < (truth["width"], truth["height"])).all(axis=2)
        assert inside[visible == 1].all(), "what can be seen lies in the picture"


@pytest.mark.slow
def test_the_sheet_of_people_has_a_row_for_each_group_and_a_column_for_each_pose(lightning):
    truth = posekit.ground_truth("people")
    groups, side = truth["people"], truth["width"]
    sheet = posekit.read_image(posekit.sample("people"))
    assert sheet.shape == (len(groups) * side, truth["frames"] * side, 3)
    names = [group["name"] for group in groups]
    assert {group["against"] for group in groups} <= set(names)
    for row, column in ((0, 0), (15, 3), (len(groups) - 1, 19)):
        still = sheet[row * side :, column * side :][:side, :side].copy()
        away = np.linalg.norm(lightning(still, min_confidence=0).xy[0] - groups[row]["xy"][column], axis=1)
        assert np.median(away) < 8, names[row]


@pytest.mark.slow
@pytest.mark.parametrize("name", CLIPS)
def test_clips_have_the_frames_that_their_truth_counts(name):
    import imageio.v3 as iio

    truth = posekit.ground_truth(name)
    facts = iio.immeta(posekit.sample(name), plugin="FFMPEG")
    assert facts["size"] == (truth["width"], truth["height"])
    assert facts["fps"] == truth["fps"]
    assert facts["codec"] == "h264"
    assert sum(1 for _ in iio.imiter(posekit.sample(name), plugin="FFMPEG")) == truth["frames"]


@pytest.mark.slow
@pytest.mark.parametrize("name", STANDING)
def test_thunder_finds_every_visible_joint(name, thunder):
    """Mean score 0.5 or more, none under 0.3, while the whole body is in the picture."""
    import imageio.v3 as iio

    (body,) = posekit.ground_truth(name)["people"]
    xy, visible = np.array(body["xy"]), np.array(body["visible"], bool)
    whole = ((xy > 8) & (xy < (632, 472))).all(axis=(1, 2))
    checked = 0
    for number, frame in enumerate(iio.imiter(posekit.sample(name), plugin="FFMPEG")):
        if number % 5 or not whole[number]:
            continue
        score = thunder(frame, min_confidence=0).score[0, visible[number]]
        assert score.mean() >= 0.5, f"frame {number}"
        assert score.min() >= 0.3, f"frame {number}: {KEYPOINTS[np.flatnonzero(visible[number])[score.argmin()]]}"
        checked += 1
    assert checked > 10


@pytest.mark.parametrize("name", CLIPS)
def test_what_there_is_to_count_lies_inside_the_clip(name):
    truth = posekit.ground_truth(name)
    for body in truth["people"]:
        told = body.get("repetitions")
        if told:
            assert told["exercise"] in posekit.EXERCISES
            assert told["count"] == len(told["frames"]) == len(told.get("sides", told["frames"]))
            assert all(0 < frame < truth["frames"] for frame in told["frames"] + told.get("half", []))
        assert len(body.get("postures", [""] * truth["frames"])) == truth["frames"]


def test_unknown_samples_and_photos_without_truth():
    with pytest.raises(posekit.PosekitError, match="did you mean 'squats'"):
        posekit.sample("squat")
    with pytest.raises(posekit.PosekitError, match="astronaut is a photo"):
        posekit.ground_truth("astronaut")


def test_samples_of_an_installed_wheel_come_first(tmp_path, monkeypatch):
    (tmp_path / "posekit" / "data").mkdir(parents=True)
    monkeypatch.setattr("posekit.samples.__file__", str(tmp_path / "posekit" / "samples.py"))
    assert posekit.sample("squats") == tmp_path / "posekit" / "data" / "squats.mp4"
