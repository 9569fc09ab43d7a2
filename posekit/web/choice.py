"""A visitor's choices: the model, and how its poses are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import BadRequest

from posekit.pose import THRESHOLD

#: What each model is for, in words for visitors. A model file of the user's own has no sentence.
SENTENCES = {
    "lightning": "One person. The fastest.",
    "thunder": "One person, more precisely; a little slower.",
    "multipose": "Up to six people.",
    "crowd": "Several people, precisely; the slowest.",
    "lightning-int8": "One person. The smallest.",
    "thunder-int8": "One person, precisely, with a small model.",
}

#: The models that find more than one person, the best first.
SEVERAL = ("crowd", "multipose")


@dataclass(frozen=True)
class View:
    """How poses are drawn.

    Attributes:
        threshold: points with a lower score are not drawn.
        angles: whether the joints' angles are written beside them.
    """

    threshold: float = THRESHOLD
    angles: bool = False


def read_view(values: Mapping[str, Any], default: float = THRESHOLD) -> View:
    """The view that a form or an address requests.

    Raises:
        BadRequest: the threshold is not a number from 0 to 1.
    """
    text = values.get("threshold", default)
    try:
        threshold = float(text)
    except ValueError:
        threshold = -1
    if not 0 <= threshold <= 1:
        raise BadRequest(f"The minimum score is a number from 0 to 1, such as 0.3; you sent {str(text)[:20]!r}.")
    return View(threshold, angles=bool(values.get("angles")))


def read_model(values: Mapping[str, str], offered: Sequence[str]) -> str:
    """The model that a form requests; by default the first one that is offered.

    Raises:
        BadRequest: it is not offered.
    """
    name = values.get("model", offered[0])
    if name not in offered:
        raise BadRequest(f"There is no model {name[:40]!r} here. Choose one of: {', '.join(offered)}.")
    return name


def model_for_several(offered: Sequence[str]) -> str | None:
    """The best model on offer that finds several people."""
    return next((name for name in SEVERAL if name in offered), None)
