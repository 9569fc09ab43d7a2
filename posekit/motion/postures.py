"""Postures: poses as features, and a classifier that also says when a posture is none of those that it knows.

The nearest neighbours are asked here and not in scikit-learn, since its classifier takes 2 to 20 ms for one pose, and the distances
are needed anyway, for who is a stranger. Any classifier of scikit-learn can take their place.
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

#: What `PostureClassifier.predict` answers for a posture that is none of the examples'.
UNKNOWN = "unknown"

#: Neighbours that are asked.
NEIGHBOURS = 5

#: Of new examples of the postures, this share is to be known; least and largest limit of a stranger's distance in degrees, for
#: examples that are nearly the same, and for those that have little in common. Tried on Thunder's points of web photos of eight
#: yoga postures (github.com/paulamalvarador-commits/Yoga_Poses-Dataset), six of them at a time, 16 photos of each, five folds, and
#: of 97 people in COCO and free-exercise-db who do something else.
KEPT, MIN_LIMIT, MAX_LIMIT = 0.95, 12.0, 30.0

_VERSION = 1
_COLUMNS = [f"{name}_{value}" for name in KEYPOINTS for value in ("x", "y", "score")]


class PostureClassifier:
    """Tells postures apart that it was shown.

    Args:
        estimator: any classifier of scikit-learn; by default the five nearest neighbours vote, the nearer the weightier.
        mirrored: a posture and its mirror image are the same.
        limit: the largest distance from the nearest example, in degrees; farther is `"unknown"`. By default set by how far the
            examples are from each other, so that about 95 % of new ones are known.

    Attributes:
        examples: what it has learned from.
        labels: the posture of each.

    Raises:
        PosekitError: the limit is negative, or no number.
    """

    def __init__(self, estimator: Any = None, *, mirrored: bool = True, limit: float | None = None) -> None:
        if limit is not None and limit != np.inf:  # an infinite one knows no strangers
            number(limit, "a limit in degrees, from 0 to 180, or None", 0)
        self.estimator = estimator
        self.mirrored = mirrored
        self.limit = limit
        self.examples: list[Pose] = []
        self.labels: list[str] = []
        self._model: Any = None

    @property
    def classes(self) -> tuple[str, ...]:
        """The postures that it knows."""
        return tuple(sorted(set(self.labels)))

    def fit(self, poses: Poses | Iterable[Pose], labels: Sequence[str]) -> PostureClassifier:
        """Learns from examples, and forgets earlier ones.

        Args:
            poses: one or more for each posture; many people and views make it better.
            labels: the name of each one's posture. Examples of something else can be called `"unknown"`.

        Raises:
            PosekitError: there are no examples, or not as many as labels; they are no poses, or no names; or the estimator cannot
                learn from them.
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
        """(n,) how far each pose is from the nearest example, in degrees: by how much a body that turned as a whole would differ.

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
        """(n, examples) degrees."""
        return np.array([limb_difference(self._limbs, one) for one in limbs_of(features)]).reshape(-1, len(self._limbs))

    def _nearest(self, apart: NDArray[Any]) -> NDArray[np.float64]:
        """(n,) how far the nearest example of a posture is."""
        near: NDArray[np.float64] = apart[:, self._is_posture].min(axis=1, initial=np.inf)
        return near

    def _vote(self, apart: NDArray[Any]) -> str:
        """What the nearest neighbours say, each with the inverse of its distance."""
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
        """Writes the examples (Parquet) and the settings (JSON) into a folder; nothing in it can run when it is loaded.

        Raises:
            PosekitError: there is nothing to save, or the estimator's settings cannot be written as JSON.
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
        """Reads what `save` wrote, and learns it again.

        Args:
            folder: where it is.
            estimator: takes the place of the one that was saved.

        Raises:
            PosekitError: the folder does not hold a classifier, or one of a newer posekit.
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
    """A copy of the estimator that has learned the examples."""
    base = require("sklearn.base", extra="motion")
    if isinstance(estimator, type) or not hasattr(estimator, "get_params") or not base.is_classifier(estimator):
        raise PosekitError(f"expected a classifier of scikit-learn, such as LogisticRegression(), or None; got {estimator!r}")
    try:
        model = base.clone(estimator).fit(known, names)
        model.predict(known[:1])  # some find out only now that there are too few
    except (TypeError, ValueError) as error:
        raise PosekitError(f"{estimator!r} cannot learn from these {len(names)} examples: {error}") from error
    return model


def _typical_distance(limbs: NDArray[Any], names: NDArray[Any], count: int) -> float:
    """How far a new example of a posture is from the nearest one, at most, for `KEPT` of them.

    Each of the first `count` examples (the rest are mirrored) is new to the others of its posture. Of n such distances, the one of
    rank (n + 1) × KEPT holds that share of new ones, whatever their distribution (Vovk et al. 2005, conformal prediction).
    """
    distances = []
    for i, (each, name) in enumerate(zip(limbs[:count], names, strict=False)):
        apart = limb_difference(limbs, each)
        apart[i::count] = np.inf  # itself, and its mirror image
        others = apart[(names == name) & (apart > 1e-3) & np.isfinite(apart)]  # a copy of it says nothing
        if len(others) and name != UNKNOWN:
            distances.append(others.min())
    if not distances:
        return MAX_LIMIT
    share = min(KEPT * (len(distances) + 1) / len(distances), 1.0)
    return float(np.clip(np.quantile(distances, share, method="inverted_cdf"), MIN_LIMIT, MAX_LIMIT))


def _described(estimator: Any) -> dict[str, Any] | None:
    """An estimator as its name and its settings."""
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
    """The opposite: only scikit-learn's own classifiers are ever made."""
    if described is None:
        return None
    names = _estimators()
    if described["name"] not in names:
        raise PosekitError(f"scikit-learn has no classifier {described['name']!r}; {nearest(described['name'], tuple(names))}")
    return names[described["name"]](**described["settings"])


def _estimators() -> dict[str, Any]:
    return dict(require("sklearn.utils", extra="motion").all_estimators("classifier"))
