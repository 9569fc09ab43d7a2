import json

import numpy as np
import pytest

import posekit
from posekit.motion.features import mirror
from posekit.pose import Poses

pytest.importorskip("sklearn")


def people_of(xy):
    n = len(xy)
    score, box, sure = np.ones((n, 17), np.float32), np.zeros((n, 4), np.float32), np.ones(n, np.float32)
    return list(Poses(np.asarray(xy, np.float32), score, box, sure, (640, 480)))


def _some(name, person, frames):
    return people_of(np.array(posekit.ground_truth(name)["people"][person]["xy"])[frames])


@pytest.fixture(scope="module")
def examples():
    """Squatting, standing and with arms up; a few moments of each."""
    low, high = posekit.ground_truth("squats"), posekit.ground_truth("jumping_jacks")
    tops = [truth["people"][0]["repetitions"]["frames"] for truth in (low, high)]
    parts = {
        "squat": _some("squats", 0, tops[0]),
        "stand": _some("squats", 0, range(0, 30, 6)),
        "star": _some("jumping_jacks", 0, tops[1]),
    }
    return [pose for some in parts.values() for pose in some], [name for name, some in parts.items() for _ in some]


def test_other_moments_of_the_postures_are_known_and_another_posture_is_not(examples):
    classifier = posekit.PostureClassifier().fit(*examples)
    frames = np.array(posekit.ground_truth("squats")["people"][0]["repetitions"]["frames"])
    assert classifier.predict(_some("squats", 0, frames + 2)) == ["squat"] * 4
    assert classifier.predict(_some("squats", 0, [33])) == ["stand"]
    lying = people_of([np.array(examples[0][0].xy)[:, ::-1]])
    assert classifier.predict(lying) == ["unknown"]
    assert classifier.distance(lying)[0] > classifier.distance(examples[0][:1])[0] == 0
    assert classifier.predict([]) == []
    assert classifier.classes == ("squat", "stand", "star")


def test_a_whole_body_that_leans_is_as_far_away_as_it_leans(examples):
    poses, labels = examples
    classifier = posekit.PostureClassifier(mirrored=False).fit(poses[:1], labels[:1])
    c, s = np.cos(np.radians(12)), np.sin(np.radians(12))
    leaning = people_of([poses[0].xy @ np.array([[c, s], [-s, c]])])
    assert classifier.distance(leaning)[0] == pytest.approx(12, abs=0.01)
    assert posekit.PostureClassifier(limit=11, mirrored=False).fit(poses[:1], ["a"]).predict(leaning) == ["unknown"]
    assert posekit.PostureClassifier(limit=13, mirrored=False).fit(poses[:1], ["a"]).predict(leaning) == ["a"]


def test_a_limb_counts_as_much_as_it_is_long(examples):
    pose = examples[0][0]
    classifier = posekit.PostureClassifier(mirrored=False).fit([pose], ["a"])
    short = pose.xy.copy()
    short[9] = short[7] + (1, 0)  # a forearm that points at the camera, the wrist beside the elbow
    long = pose.xy.copy()
    long[9] = long[7] + (0, -60)  # and one that points up
    assert classifier.distance(people_of([short]))[0] < 1 < 5 < classifier.distance(people_of([long]))[0]


def test_a_mirror_matters_only_where_it_is_asked_to(examples):
    flipped = people_of(mirror(np.stack([pose.xy for pose in examples[0]])))
    assert posekit.PostureClassifier().fit(*examples).predict(flipped) == examples[1]
    assert "unknown" in posekit.PostureClassifier(mirrored=False).fit(*examples).predict(flipped)


def test_the_neighbours_vote_as_those_of_scikit_learn_do():
    from sklearn.neighbors import KNeighborsClassifier

    rng = np.random.default_rng(4)
    xy, labels = rng.normal(size=(60, 17, 2)) * 100, rng.choice(["a", "b", "c"], 60).tolist()
    known, new = people_of(xy[:40]), people_of(xy[40:])
    ours = posekit.PostureClassifier(limit=180.0).fit(known, labels[:40]).predict(new)
    twice = posekit.pose_features(people_of(np.concatenate([xy[:40], mirror(xy[:40])])))
    theirs = KNeighborsClassifier(5, weights="distance", metric="manhattan").fit(twice, labels[:40] * 2)
    assert ours == theirs.predict(posekit.pose_features(new)).tolist()


@pytest.mark.slow
def test_any_classifier_of_scikit_learn_can_take_their_place(examples, tmp_path):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    classifier = posekit.PostureClassifier(LogisticRegression(C=10.0)).fit(*examples)
    assert classifier.predict(examples[0]) == examples[1]
    again = posekit.PostureClassifier.load(classifier.save(tmp_path / "it"))
    assert again.estimator.C == 10.0
    assert again.predict(examples[0]) == examples[1]
    chain = posekit.PostureClassifier(make_pipeline(LogisticRegression())).fit(*examples)
    with pytest.raises(posekit.PosekitError, match="cannot be written as a name and numbers"):
        chain.save(tmp_path / "chain")


def test_it_is_saved_and_loaded_without_a_pickle(examples, tmp_path):
    classifier = posekit.PostureClassifier(limit=0.2).fit(*examples)
    folder = classifier.save(tmp_path / "mine")
    assert sorted(path.name for path in folder.iterdir()) == ["examples.parquet", "settings.json"]
    again = posekit.PostureClassifier.load(folder)
    assert repr(again) == repr(classifier) == "PostureClassifier(squat × 4, stand × 5, star × 6)"
    assert again.limit == 0.2
    assert again.predict(examples[0]) == classifier.predict(examples[0])


def test_folders_that_hold_none_are_explained(examples, tmp_path):
    load = posekit.PostureClassifier.load
    with pytest.raises(posekit.PosekitError, match=r"there is no settings\.json"):
        load(tmp_path)
    folder = posekit.PostureClassifier().fit(*examples).save(tmp_path / "it")
    settings = json.loads((folder / "settings.json").read_text())
    for change, message in (
        ({"version": 2}, "this posekit reads version 1"),
        ({"estimator": {"name": "system", "settings": {}}}, "scikit-learn has no classifier 'system'"),
        ({"estimator": 3}, "can be read"),
    ):
        (folder / "settings.json").write_text(json.dumps({**settings, **change}))
        with pytest.raises(posekit.PosekitError, match=message):
            load(folder)
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "examples.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(posekit.PosekitError, match="can be read"):
        load(folder)


def test_one_example_of_a_posture_is_enough_and_none_is_too_few(examples):
    poses, _ = examples
    few = posekit.PostureClassifier().fit([poses[0], poses[-1]], ["squat", "star"])
    assert few.predict(poses) == ["squat"] * 4 + ["unknown"] * 5 + ["star"] * 6
    with pytest.raises(posekit.PosekitError, match="got 0 poses, 0 labels"):
        posekit.PostureClassifier().fit([], [])
    with pytest.raises(posekit.PosekitError, match="got 15 poses, 1 labels"):
        posekit.PostureClassifier().fit(poses, ["squat"])
    with pytest.raises(posekit.PosekitError, match="has learned nothing yet"):
        posekit.PostureClassifier().predict(poses)


def test_examples_of_something_else_are_unknown_too(examples):
    poses, labels = examples
    classifier = posekit.PostureClassifier().fit(poses, ["unknown" if name == "stand" else name for name in labels])
    assert classifier.predict(poses[4:9]) == ["unknown"] * 5
    assert classifier.predict(poses[:4]) == ["squat"] * 4
