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
from maxsight_mm.models.safety_heads.urgency_head import cautious_levels
from maxsight_mm.structures import FeatureBundle

from .class_wise_nms import class_wise_nms, gather_rows, padded_topk

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
        return self.features_and_scores(images)[1]

    def features_and_scores(self, images: Tensor) -> tuple[FeatureBundle, SafetyScores]:
        """The same, with the features that a context stage goes on from."""
        features = self.safety_pass(images)
        answers = self.safety_heads.predict(self.safety_heads(features))
        class_scores, labels = answers['classification']['scores'].max(dim=-1)
        return features, SafetyScores(
            scores=answers['objectness']['scores'] * class_scores,
            labels=labels,
            boxes=answers['box']['boxes'],
            zone_scores=answers['distance']['scores'],
            object_urgency_scores=answers['object_urgency']['scores'],
            urgency_scores=answers['urgency']['scores'],
            uncertainty=answers['uncertainty']['scores'],
        )


class Detections(NamedTuple):
    """Decisions on a batch; names are those of the graph.

    Attributes:
        dets: (B, M, 5) float x1, y1, x2, y2 in pixels of the input and the score,
            best first, padded with zeros.
        labels: (B, M) int64, -1 where there is padding, as in the next four.
        zone_scores: (B, M, 3) float, 0 as padding.
        zones: (B, M) int64.
        object_urgency_scores: (B, M, 4) float, 0 as padding.
        object_urgencies: (B, M) int64.
        urgency_scores: (B, 4) float adding up to 1.
        urgency: (B,) int64.
        uncertainty: (B, 1) float in [0, 1].
    """

    dets: Tensor
    labels: Tensor
    zone_scores: Tensor
    zones: Tensor
    object_urgency_scores: Tensor
    object_urgencies: Tensor
    urgency_scores: Tensor
    urgency: Tensor
    uncertainty: Tensor


class SafetyGraph(nn.Module):
    """Normalised images (B, 3, H, W) float -> :class:`Detections`.

    Decides what :class:`DetectionDecoder` and the urgency heads decide, for images
    without padding. Converts to ONNX; tracing it for TorchScript does not work, for
    the suppression would be frozen: take :class:`SafetyScoresGraph` there.

    Args:
        detector: Any tier; its context stage is left behind.

    Raises:
        ValueError: If the detector lacks a safety head.
    """

    def __init__(self, detector: MaxSightDetector) -> None:
        super().__init__()
        self.scores = SafetyScoresGraph(detector)
        self.decoder = detector.decoder
        self.min_safe_scores = {
            head.task: head.min_safe_score
            for head in detector.safety_heads
            if head.task in ('urgency', 'object_urgency')
        }

    def forward(self, images: Tensor) -> Detections:
        return self.decide(self.scores(images), images)

    def decide(self, found: SafetyScores, images: Tensor) -> Detections:
        """Decisions on the scores of the (B, 3, H, W) images."""
        decoder = self.decoder
        scores, kept = padded_topk(found.scores, decoder.nms_pre)
        scores = torch.where(
            scores > decoder.score_thr, scores, torch.zeros_like(scores)
        )
        limit = _far_corner(images).to(found.boxes).repeat(2)
        boxes = gather_rows(found.boxes, kept).clamp(min=0.0)
        boxes = torch.minimum(boxes, limit)
        labels = found.labels.gather(1, kept)
        scores, best = class_wise_nms(
            boxes, scores, labels, decoder.iou_threshold, decoder.max_per_img
        )
        real = scores > 0
        kept = kept.gather(1, best)
        zone_scores = _of_real(real, gather_rows(found.zone_scores, kept))
        urgencies = _of_real(real, gather_rows(found.object_urgency_scores, kept))
        dets = torch.cat([gather_rows(boxes, best), scores[..., None]], dim=-1)
        return Detections(
            dets=_of_real(real, dets),
            labels=_padded(real, labels.gather(1, best)),
            zone_scores=zone_scores,
            zones=_padded(real, zone_scores.argmax(dim=-1)),
            object_urgency_scores=urgencies,
            object_urgencies=_padded(
                real, cautious_levels(urgencies, self.min_safe_scores['object_urgency'])
            ),
            urgency_scores=found.urgency_scores,
            urgency=cautious_levels(
                found.urgency_scores, self.min_safe_scores['urgency']
            ),
            uncertainty=found.uncertainty,
        )


def _far_corner(images: Tensor) -> Tensor:
    """(2,) int64 width and height in pixels."""
    if torch.compiler.is_exporting():
        return torch.tensor([images.shape[3], images.shape[2]])
    # As a tensor of the graph, which stays a variable where the size is dynamic.
    return torch._shape_as_tensor(images)[2:].flip(0)


def _of_real(real: Tensor, values: Tensor) -> Tensor:
    return torch.where(real[..., None], values, torch.zeros_like(values))


def _padded(real: Tensor, labels: Tensor) -> Tensor:
    return torch.where(real, labels, torch.full_like(labels, -1))
