import cmath
import json
import math
from itertools import pairwise

import numpy as np
import pytest

import posekit
from posekit.motion.features import mirror
from posekit.pose import KEYPOINTS, Poses

pytest.importorskip("sklearn")

SIDES, CHAINS = ("left", "right"), (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle"))


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

    def with_forearm(x, y):
        xy = pose.xy.copy()
        xy[9] = xy[7] + (x, y)
        return people_of([xy])

    classifier = posekit.PostureClassifier(mirrored=False).fit(with_forearm(1, 0), ["a"])  # it points at the camera
    assert classifier.distance(with_forearm(0, -1))[0] < 1 < 2 < classifier.distance(with_forearm(60, 0))[0]
    classifier.fit(with_forearm(60, 0), ["a"])
    assert classifier.distance(with_forearm(0, -1))[0] < 5 < classifier.distance(with_forearm(0, -60))[0]


def test_a_mirror_matters_only_where_it_is_asked_to(examples):
    flipped = people_of(mirror(np.stack([pose.xy for pose in examples[0]])))
    assert posekit.PostureClassifier().fit(*examples).predict(flipped) == examples[1]
    assert "unknown" in posekit.PostureClassifier(mirrored=False).fit(*examples).predict(flipped)


@pytest.mark.slow
def test_the_neighbours_vote_as_those_of_scikit_learn_do():
    from sklearn.neighbors import KNeighborsClassifier

    def vectors(some):  # limbs, trunk and neck of each, as 20 numbers
        points = dict(zip(("head", *KEYPOINTS[5:]), posekit.pose_features(some).reshape(-1, 13, 2).swapaxes(0, 1), strict=True))
        sides = [{end: points[f"{side}_{end}"] for chain in CHAINS for end in chain} for side in SIDES]
        shoulders, hips = (sum(side[end] for side in sides) / 2 for end in ("shoulder", "hip"))
        chains = [
            [side[end] for end in ends] for side in sides for ends in (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle"))
        ]
        limbs = [b - a for chain in chains for a, b in pairwise(chain)]
        return np.concatenate([*limbs, shoulders - hips, points["head"] - shoulders], axis=1)

    def degrees(a, b):
        a, b = a.reshape(10, 2), b.reshape(10, 2)
        lengths = np.array([[math.hypot(*each) for each in some] for some in (a, b)])
        turns = [abs(cmath.phase(complex(*p) / complex(*q))) for p, q in zip(a, b, strict=True)]
        third = sum(math.dist(p, q) for p, q in zip(a, b, strict=True))  # sides of triangles with two limbs
        mean = np.average(np.minimum(turns, math.pi / 2), weights=lengths.min(axis=0))
        return math.degrees(mean + 2 * math.asin(third / lengths.sum())) / 2

    rng = np.random.default_rng(4)
    xy, labels = rng.normal(size=(60, 17, 2)) * 100, rng.choice(["a", "b", "c"], 60).tolist()
    known, new = people_of(xy[:40]), people_of(xy[40:])
    ours = posekit.PostureClassifier(limit=180.0).fit(known, labels[:40])
    twice = vectors(people_of(np.concatenate([xy[:40], mirror(xy[:40])])))
    theirs = KNeighborsClassifier(5, weights="distance", metric=degrees).fit(twice, labels[:40] * 2)
    assert ours.predict(new) == theirs.predict(vectors(new)).tolist()
    assert ours.distance(new) == pytest.approx(theirs.kneighbors(vectors(new), 1)[0][:, 0], abs=1e-4)


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


@pytest.mark.slow
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


@pytest.mark.parametrize("limit", [-1, float("nan"), "12"])
def test_an_invalid_limit_is_refused_and_not_taken_for_no_limit(limit):
    with pytest.raises(posekit.PosekitError, match="expected a limit in degrees"):
        posekit.PostureClassifier(limit=limit)


@pytest.mark.parametrize("labels", [None, 3, "stand", ["stand", None], ["stand", float("nan")]])
def test_labels_are_a_list_of_names(examples, labels):
    with pytest.raises(posekit.PosekitError, match="a list of labels, a name for each example; got"):
        posekit.PostureClassifier().fit(examples[0][:2], labels)


def test_what_is_not_a_classifier_or_cannot_learn_is_explained(examples):
    from sklearn.linear_model import LinearRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.svm import SVC

    for wrong in ("knn", SVC, LinearRegression()):
        with pytest.raises(posekit.PosekitError, match="expected a classifier of scikit-learn"):
            posekit.PostureClassifier(wrong).fit(*examples)
    for estimator in (SVC(), KNeighborsClassifier(5)):  # needs two postures; and five examples
        with pytest.raises(posekit.PosekitError, match="cannot learn from these 2 examples"):
            posekit.PostureClassifier(estimator).fit(examples[0][:1], ["stand"])


def test_a_classifier_is_saved_into_a_folder(examples, tmp_path):
    (tmp_path / "file").touch()
    classifier = posekit.PostureClassifier().fit(*examples)
    for folder, match in ((tmp_path / "file", "is a file"), (None, "a folder to save the classifier into; got None")):
        with pytest.raises(posekit.PosekitError, match=match):
            classifier.save(folder)
    with pytest.raises(posekit.PosekitError, match="None holds no classifier"):
        posekit.PostureClassifier.load(None)


def test_examples_of_something_else_are_unknown_too(examples):
    poses, labels = examples
    classifier = posekit.PostureClassifier().fit(poses, ["unknown" if name == "stand" else name for name in labels])
    assert classifier.predict(poses[4:9]) == ["unknown"] * 5
    assert classifier.predict(poses[:4]) == ["squat"] * 4


@pytest.mark.slow
@pytest.mark.parametrize("left_out", ["ada", "leo", "mia", "tom"])
def test_a_new_person_is_known_and_a_new_posture_is_not(left_out):
    people = {name: posekit.ground_truth(f"postures_{name}")["people"][0] for name in ("ada", "leo", "mia", "tom")}
    poses = {name: people_of(person["xy"]) for name, person in people.items()}
    learned = [
        (pose, label) for n, p in people.items() if n != left_out for pose, label in zip(poses[n], p["postures"], strict=True)
    ]
    classifier = posekit.PostureClassifier().fit(*map(list, zip(*learned, strict=True)))
    assert classifier.predict(poses[left_out]) == people[left_out]["postures"]
    for posture in set(people[left_out]["postures"]):
        few = posekit.PostureClassifier().fit(*map(list, zip(*(each for each in learned if each[1] != posture), strict=True)))
        strangers = [pose for pose, name in zip(poses[left_out], people[left_out]["postures"], strict=True) if name == posture]
        assert few.predict(strangers) == ["unknown"] * len(strangers)


def test_of_scattered_examples_about_95_percent_of_new_ones_are_known():
    rng, body = np.random.default_rng(7), np.array(posekit.ground_truth("squats")["people"][0]["xy"][0])
    xy = body + rng.normal(scale=0.06 * np.ptp(body[:, 1]), size=(1200, 17, 2))
    classifier = posekit.PostureClassifier(mirrored=False).fit(people_of(xy[:200]), ["stand"] * 200)
    known = np.mean([name == "stand" for name in classifier.predict(people_of(xy[200:]))])
    assert 0.91 < known < 0.98
