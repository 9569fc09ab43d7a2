"""Postures: a classifier of poses that also says when a posture is none of those that it knows.

The nearest neighbours are computed here and not by scikit-learn, whose classifier takes 2 to 20 ms for one pose; and the distances
are needed anyway, to tell which postures are unknown. Any classifier of scikit-learn can take their place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posekit.atomic import replacing
from posekit.errors import PosekitError, nearest, require
from posekit.motion.checks import list_of_poses, number
from posekit.motion.examples import pose_of
from posekit.motion.features import features_of, limb_difference, limbs_of, mirror, points_of
from posekit.pose import KEYPOINTS, Pose, Poses

#: What `PostureClassifier.predict` answers for a posture that is unlike all examples.
UNKNOWN = "unknown"

#: How many neighbours vote.
NEIGHBOURS = 5

#: The share of new examples of the postures that should be recognised; and the least and the greatest limit of the distance, in
#: degrees, for examples that are nearly the same and for those that have little in common. Tried on Thunder's points in web photos
#: of eight yoga postures (github.com/paulamalvarador-commits/Yoga_Poses-Dataset), six of them at a time, 16 photos of each, five
#: folds, and of 97 people in COCO and free-exercise-db who do something else.
KEPT, MIN_LIMIT, MAX_LIMIT = 0.95, 12.0, 30.0

_VERSION = 1
_COLUMNS = [f"{name}_{value}" for name in KEYPOINTS for value in ("x", "y", "score")]


class PostureClassifier:
    """Tells apart the postures of which it was shown examples.

    Args:
        estimator: any classifier of scikit-learn; by default the five nearest neighbours vote, weighted by the inverse of their
            distance.
        mirrored: whether a posture and its mirror image are the same.
        limit: the greatest distance from the nearest example, in degrees; what is farther is `"unknown"`. By default it follows
            from the distances between the examples, so that about 95 % of new ones are recognised.

    Attributes:
        examples: the poses that it has learned from.
        labels: the posture of each.

    Raises:
        PosekitError: the limit is negative, or not a number.
    """

    def __init__(self, estimator: Any = None, *, mirrored: bool = True, limit: float | None = None) -> None:
        if limit is not None and limit != np.inf:  # with an infinite limit nothing is unknown
            number(limit, "a limit in degrees, from 0 to 180, or None", 0)
        self.estimator = estimator
        self.mirrored = mirrored
        self.limit = limit
        self.examples: list[Pose] = []
        self.labels: list[str] = []
        self._model: Any = None

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the postures that it knows, sorted."""
        return tuple(sorted(set(self.labels)))

    def fit(self, poses: Poses | Iterable[Pose], labels: Sequence[str]) -> PostureClassifier:
        """Learns from examples, and forgets earlier ones.

        Args:
            poses: one or more for each posture; many people and views improve it.
            labels: the name of the posture of each pose. Examples of something else can be called `"unknown"`.

        Returns:
            The classifier itself.

        Raises:
            PosekitError: there are no examples, or not as many as labels; they are not poses, or the labels are not names; or the
                estimator cannot learn from them.
        """
        people, names = list_of_poses(poses), _names(labels)
        if not people or len(people) != len(names):
            raise PosekitError(f"expected a label for each example, and one at least; got {len(people)} poses, {len(names)} labels")
        self.examples, self.labels = people, names
        self._known, self._names = self._table(points_of(people))
        self._is_posture = self._names != UNKNOWN
        self._limbs = np.asfortranarray(limbs_of(self._known))  # all x, then all y, …: a fifth faster
        self._limit = self.limit if self.limit is not None else _typical_distance(self._limbs, self._names, len(people))
        self._model = None if self.estimator is None else _learned(self.estimator, self._known, self._names)
        return self

    def _table(self, xy: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[Any]]:
        names = np.array(self.labels)
        if not self.mirrored:
            return features_of(xy), names
        return np.concatenate([features_of(xy), features_of(mirror(xy))]), np.tile(names, 2)

    def distance(self, poses: Poses | Iterable[Pose]) -> NDArray[np.float64]:
        """The distance of each pose from the nearest example, (n,) degrees: for a body turned as a whole, the angle of the turn.

        Raises:
            PosekitError: it has learned nothing yet.
        """
        self._ready()
        return self._nearest(self._apart(features_of(points_of(poses))))

    def predict(self, poses: Poses | Iterable[Pose]) -> list[str]:
        """The posture of each pose; `"unknown"` where it is too far from all examples.

        Raises:
            PosekitError: it has learned nothing yet.
        """
        self._ready()
        features = features_of(points_of(poses))
        if not len(features):
            return []
        apart = self._apart(features)
        names = [self._vote(each) for each in apart] if self._model is None else self._model.predict(features).tolist()
        return [UNKNOWN if far > self._limit else name for far, name in zip(self._nearest(apart), names, strict=True)]

    def _apart(self, features: NDArray[Any]) -> NDArray[np.float64]:
        """The distance of each pose from each example: (n, examples) degrees."""
        return np.array([limb_difference(self._limbs, one) for one in limbs_of(features)]).reshape(-1, len(self._limbs))

    def _nearest(self, apart: NDArray[Any]) -> NDArray[np.float64]:
        """The distance of the nearest example of a posture: (n,) degrees."""
        near: NDArray[np.float64] = apart[:, self._is_posture].min(axis=1, initial=np.inf)
        return near

    def _vote(self, apart: NDArray[Any]) -> str:
        """The posture for which the nearest neighbours vote, each weighted by the inverse of its distance."""
        votes: dict[str, float] = {}
        for i in np.argsort(apart, kind="stable")[:NEIGHBOURS].tolist():
            name = str(self._names[i])
            votes[name] = votes.get(name, 0.0) + 1 / max(float(apart[i]), 1e-12)
        return max(votes, key=votes.__getitem__)

    def _ready(self) -> None:
        if not self.labels:
            raise PosekitError(
                "this classifier has learned nothing yet; call fit(poses, labels), or PostureClassifier.load(folder)"
            )

    def save(self, folder: str | Path) -> Path:
        """Writes the examples (Parquet) and the settings (JSON) into a folder; loading it runs no code from there.

        Returns:
            The folder.

        Raises:
            PosekitError: there is nothing to save, `folder` is not a folder, or the estimator's settings cannot be written as JSON.
        """
        self._ready()
        pd = require("pandas", extra="motion")
        require("pyarrow", extra="motion")
        if not isinstance(folder, str | Path):
            raise PosekitError(f"expected a folder to save the classifier into; got {folder!r}")
        folder = Path(folder)
        rows = np.concatenate([[np.column_stack([pose.xy, pose.score]).ravel()] for pose in self.examples])
        table = pd.DataFrame(rows, columns=_COLUMNS).assign(label=self.labels)
        settings = {
            "version": _VERSION,
            "mirrored": self.mirrored,
            "limit": self.limit,
            "estimator": _described(self.estimator),
        }
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise PosekitError(f"{folder} is a file; a classifier is saved into a folder") from None
        with replacing(folder / "examples.parquet") as part:
            table.to_parquet(part, index=False)
        with replacing(folder / "settings.json") as part:
            part.write_text(json.dumps(settings, indent=1))
        return folder

    @classmethod
    def load(cls, folder: str | Path, *, estimator: Any = None) -> PostureClassifier:
        """Reads what `save` wrote, and learns from it again.

        Args:
            folder: the folder that `save` wrote.
            estimator: replaces the one that was saved.

        Raises:
            PosekitError: the folder does not hold a classifier, or holds one of another version of the format.
        """
        pd = require("pandas", extra="motion")
        require("pyarrow", extra="motion")
        try:
            folder = Path(folder)
            settings = json.loads((folder / "settings.json").read_text())
            if settings["version"] != _VERSION:
                raise PosekitError(f"{folder} is of version {settings['version']}; this posekit reads version {_VERSION}")
            table = pd.read_parquet(folder / "examples.parquet")
            points = table[_COLUMNS].to_numpy(np.float32).reshape(-1, 17, 3)
            labels = table["label"].astype(str).tolist()
            made = cls(estimator or _rebuilt(settings["estimator"]), mirrored=bool(settings["mirrored"]), limit=settings["limit"])
        except FileNotFoundError as error:
            raise PosekitError(f"{folder} holds no classifier of postures: there is no {Path(error.filename).name}") from None
        except (OSError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, PosekitError):
                raise
            raise PosekitError(f"{folder} holds no classifier of postures that can be read: {error}") from None
        return made.fit([pose_of(each) for each in points], labels)

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} × {self.labels.count(name)}" for name in self.classes)
        return f"PostureClassifier({counts or 'nothing learned yet'})"


def _names(labels: Any) -> list[str]:
    """The labels as text."""
    names = list(labels) if isinstance(labels, Iterable) and not isinstance(labels, str) else None
    if names is None or any(each is None or each != each for each in names):
        raise PosekitError(f"expected a list of labels, a name for each example; got {labels!r}")
    return [str(each) for each in names]


def _learned(estimator: Any, known: NDArray[Any], names: NDArray[Any]) -> Any:
    """A copy of the estimator, fitted to the examples."""
    base = require("sklearn.base", extra="motion")
    if isinstance(estimator, type) or not hasattr(estimator, "get_params") or not base.is_classifier(estimator):
        raise PosekitError(f"expected a classifier of scikit-learn, such as LogisticRegression(), or None; got {estimator!r}")
    try:
        model = base.clone(estimator).fit(known, names)
        model.predict(known[:1])  # some estimators notice only now that there are too few examples
    except (TypeError, ValueError) as error:
        raise PosekitError(f"{estimator!r} cannot learn from these {len(names)} examples: {error}") from error
    return model


def _typical_distance(limbs: NDArray[Any], names: NDArray[Any], count: int) -> float:
    """The distance from the nearest example within which the share `KEPT` of new examples of a posture lie.

    Each of the first `count` examples (the rest are mirrored) is compared with the others of its posture. Of n such distances, the
    one of rank (n + 1) × KEPT covers that share of new ones, whatever their distribution (Vovk et al. 2005, conformal prediction).
    """
    distances = []
    for i, (each, name) in enumerate(zip(limbs[:count], names, strict=False)):
        apart = limb_difference(limbs, each)
        apart[i::count] = np.inf  # itself, and its mirror image
        others = apart[(names == name) & (apart > 1e-3) & np.isfinite(apart)]  # exact copies say nothing
        if len(others) and name != UNKNOWN:
            distances.append(others.min())
    if not distances:
        return MAX_LIMIT
    share = min(KEPT * (len(distances) + 1) / len(distances), 1.0)
    return float(np.clip(np.quantile(distances, share, method="inverted_cdf"), MIN_LIMIT, MAX_LIMIT))


def _described(estimator: Any) -> dict[str, Any] | None:
    """An estimator as its name and settings."""
    if estimator is None:
        return None
    settings = estimator.get_params(deep=False)
    try:
        json.dumps(settings)
        if type(estimator) is not _estimators()[type(estimator).__name__]:
            raise KeyError(type(estimator).__name__)
    except (KeyError, TypeError):
        raise PosekitError(
            f"{estimator!r} cannot be written as a name and numbers; take a classifier of scikit-learn with plain settings"
        ) from None
    return {"name": type(estimator).__name__, "settings": settings}


def _rebuilt(described: dict[str, Any] | None) -> Any:
    """The opposite of `_described`; it makes only scikit-learn's own classifiers."""
    if described is None:
        return None
    names = _estimators()
    if described["name"] not in names:
        raise PosekitError(f"scikit-learn has no classifier {described['name']!r}; {nearest(described['name'], tuple(names))}")
    return names[described["name"]](**described["settings"])


def _estimators() -> dict[str, Any]:
    return dict(require("sklearn.utils", extra="motion").all_estimators("classifier"))
