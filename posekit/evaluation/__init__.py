"""Measures how accurate a model is on annotated pictures."""

from posekit.evaluation.coco import evaluate
from posekit.evaluation.compare import Comparison, compare
from posekit.evaluation.rendered import rendered_pictures
from posekit.evaluation.result import Evaluation

__all__ = ["Comparison", "Evaluation", "compare", "evaluate", "rendered_pictures"]
