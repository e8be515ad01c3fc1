"""The safety pass as plain modules of tensors, for tracing and exporting.

Two graphs share everything up to the scores. ``SafetyScoresGraph`` ends at the
scores of every location: it converts everywhere and is what INT8 calibrates on.
``SafetyGraph`` goes on to the detections and holds threshold and non-maximum
suppression: nothing is left to do for the caller, and nothing can be done wrongly.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from maxsight_mm.models.detectors import MaxSightDetector

SAFETY_TASKS = (
    'objectness',
    'classification',
    'box',
    'distance',
    'object_urgency',
    'urgency',
    'uncertainty',
)


class SafetyScores(NamedTuple):
    """Answers of all N locations and of the image; names are those of the graph.

    Attributes:
        scores: (B, N) float in [0, 1], objectness times the best class score.
        labels: (B, N) int64, the best class.
        boxes: (B, N, 4) float xyxy in pixels of the input, not clipped.
        zone_scores: (B, N, 3) float adding up to 1.
        object_urgency_scores: (B, N, 4) float adding up to 1.
        urgency_scores: (B, 4) float adding up to 1.
        uncertainty: (B, 1) float in [0, 1].
    """

    scores: Tensor
    labels: Tensor
    boxes: Tensor
    zone_scores: Tensor
    object_urgency_scores: Tensor
    urgency_scores: Tensor
    uncertainty: Tensor


class SafetyScoresGraph(nn.Module):
    """Normalised images (B, 3, H, W) float -> :class:`SafetyScores`.

    Args:
        detector: Any tier; its context stage is left behind.

    Raises:
        ValueError: If the detector lacks a safety head.
    """

    def __init__(self, detector: MaxSightDetector) -> None:
        super().__init__()
        tasks = {head.task for head in detector.safety_heads}
        missing = [task for task in SAFETY_TASKS if task not in tasks]
        if missing:
            raise ValueError(f'cannot export without the heads {", ".join(missing)}')
        self.safety_pass = detector.safety_pass
        self.safety_heads = detector.safety_heads
        self.eval()

    def forward(self, images: Tensor) -> SafetyScores:
        answers = self.safety_heads.predict(self.safety_heads(self.safety_pass(images)))
        class_scores, labels = answers['classification']['scores'].max(dim=-1)
        return SafetyScores(
            scores=answers['objectness']['scores'] * class_scores,
            labels=labels,
            boxes=answers['box']['boxes'],
            zone_scores=answers['distance']['scores'],
            object_urgency_scores=answers['object_urgency']['scores'],
            urgency_scores=answers['urgency']['scores'],
            uncertainty=answers['uncertainty']['scores'],
        )
