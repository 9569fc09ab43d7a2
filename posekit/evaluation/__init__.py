"""How good a model is, measured on annotated pictures."""

from posekit.evaluation.coco import evaluate
from posekit.evaluation.result import Evaluation

__all__ = ["Evaluation", "evaluate"]
