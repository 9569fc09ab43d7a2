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
from posekit.motion.examples import pose_of
from posekit.motion.features import features_of, limb_difference, limbs_of, mirror, points_of
from posekit.pose import KEYPOINTS, Pose, Poses

#: What `PostureClassifier.predict` answers for a posture that is none of the examples'.
UNKNOWN = "unknown"

#: Neighbours that are asked.
NEIGHBOURS = 5

#: This share of the examples themselves would be known, if each were new; limits of a stranger's distance in degrees, for few
#: examples, and for examples that have little in common. Tried on MoveNet's points of 1,163 photos of seven yoga postures, 16 of
#: each at a time (tables of github.com/harshbhatt7585/YogaIntelliJ), and of 72 people in COCO and free-exercise-db who do something
#: else: at 96 % kept, 43 % of those are unknown, where the mean difference of the features knows 15 %.
KEPT, MIN_LIMIT, MAX_LIMIT = 0.96, 9.0, 30.0

_VERSION = 1
_COLUMNS = [f"{name}_{value}" for name in KEYPOINTS for value in ("x", "y", "score")]


class PostureClassifier:
    """Tells postures apart that it was shown.

    Args:
        estimator: any classifier of scikit-learn; by default the five nearest neighbours vote, the nearer the weightier.
        mirrored: a posture and its mirror image are the same.
        limit: the largest mean angle between limbs and those of the nearest example, in degrees; farther is `"unknown"`. By
            default set by how far the examples are from each other.

    Attributes:
        examples: what it has learned from.
        labels: the posture of each.
    """

    def __init__(self, estimator: Any = None, *, mirrored: bool = True, limit: float | None = None) -> None:
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
            PosekitError: there are no examples, or not as many as labels.
        """
        people = list(poses)
        if not people or len(people) != len(labels):
            raise PosekitError(
                f"expected a label for each example, and one at least; got {len(people)} poses, {len(labels)} labels"
            )
        self.examples = people
        self.labels = [str(label) for label in labels]
        self._known, self._names = self._table(points_of(people))
        self._limbs = limbs_of(self._known)
        self._limit = self.limit if self.limit is not None else _typical_distance(self._limbs, self._names)
        if self.estimator is not None:
            self._model = require("sklearn.base", extra="motion").clone(self.estimator).fit(self._known, self._names)
        return self

    def _table(self, xy: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[Any]]:
        names = np.array(self.labels)
        if not self.mirrored:
            return features_of(xy), names
        return np.concatenate([features_of(xy), features_of(mirror(xy))]), np.tile(names, 2)

    def distance(self, poses: Poses | Iterable[Pose]) -> NDArray[np.float64]:
        """(n,) how far each pose is from the nearest example: the mean angle between their limbs, in degrees.

        Raises:
            PosekitError: it has learned nothing yet.
        """
        self._ready()
        return self._strangeness(features_of(points_of(poses)))

    def predict(self, poses: Poses | Iterable[Pose]) -> list[str]:
        """The posture of each pose; `"unknown"` where it is too far from all examples.

        Raises:
            PosekitError: it has learned nothing yet.
        """
        self._ready()
        features = features_of(points_of(poses))
        if not len(features):
            return []
        names = self._vote(features) if self._model is None else self._model.predict(features).tolist()
        return [UNKNOWN if far > self._limit else name for far, name in zip(self._strangeness(features), names, strict=True)]

    def _strangeness(self, features: NDArray[Any]) -> NDArray[np.float64]:
        known = self._limbs[self._names != UNKNOWN]
        return np.array([limb_difference(known, one).min(initial=np.inf) for one in limbs_of(features)])

    def _vote(self, features: NDArray[Any]) -> list[str]:
        """What the nearest neighbours say by the mean difference of the features, each with the inverse of it."""
        winners = []
        for one in features:
            each = np.abs(self._known - one).mean(axis=1)
            nearest_few = np.argsort(each, kind="stable")[:NEIGHBOURS]
            votes: dict[str, float] = {}
            for i in nearest_few.tolist():
                name = str(self._names[i])
                votes[name] = votes.get(name, 0.0) + 1 / max(float(each[i]), 1e-12)
            winners.append(max(votes, key=votes.__getitem__))
        return winners

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
        folder = Path(folder)
        rows = np.concatenate([[np.column_stack([pose.xy, pose.score]).ravel()] for pose in self.examples])
        table = pd.DataFrame(rows, columns=_COLUMNS).assign(label=self.labels)
        settings = {
            "version": _VERSION,
            "mirrored": self.mirrored,
            "limit": self.limit,
            "estimator": _described(self.estimator),
        }
        folder.mkdir(parents=True, exist_ok=True)
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
        folder = Path(folder)
        try:
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


def _typical_distance(limbs: NDArray[Any], names: NDArray[Any]) -> float:
    """How far an example of a posture is from the nearest other one, at most, for `KEPT` of them."""
    distances = []
    for i, (each, name) in enumerate(zip(limbs, names, strict=True)):
        apart = limb_difference(limbs, each)
        apart[i] = np.inf
        others = apart[(names == name) & (apart > 1e-3) & np.isfinite(apart)]  # a copy of it says nothing
        if len(others) and name != UNKNOWN:
            distances.append(others.min())
    return float(np.clip(np.quantile(distances, KEPT) if distances else MAX_LIMIT, MIN_LIMIT, MAX_LIMIT))


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
