"""How far the answers of an INT8 graph are from those of its float graph."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from maxsight_mm.inference import NetworkAnswer

from ..decode import decode_scores
from ..detection_matching import match_pairs, pairwise_iou

Outputs = Mapping[str, np.ndarray]
# A detection worth acting on, and two that are the same; those of the parity of INT8.
MIN_SCORE = 0.3
MIN_IOU = 0.5


@dataclass(frozen=True)
class DecisionError:
    """Means over the pictures.

    Attributes:
        score: Mean difference of the score where the float score is a candidate.
        box_px: Mean difference of a box side there, in pixels.
        detections: Share of the detections of either graph that the other lacks.
        levels: Share of the shared detections whose zone or urgency changed.
        urgency: Share of the pictures whose urgency changed.
        uncertainty: Mean difference of the uncertainty.
    """

    score: float
    box_px: float
    detections: float
    levels: float
    urgency: float
    uncertainty: float

    @property
    def changed(self) -> float:
        """Plain mean of the three shares, which are of different things.

        It decides whether a graph is good enough; read the shares to know what changed.
        """
        return (self.detections + self.levels + self.urgency) / 3

    @property
    def cost(self) -> float:
        """What stages are ranked by: few pictures leave most shares at 0 or one."""
        return self.changed + self.score


def decision_error(
    reference: Sequence[Outputs],
    found: Sequence[Outputs],
    image_shape: tuple[int, int],
    test_cfg: Mapping[str, Any],
    min_safe_scores: Mapping[str, float],
) -> DecisionError:
    """Compare the outputs of two graphs of scores, picture by picture.

    Args:
        reference: Of the float graph, one image each; see ``SafetyScores``.
        found: Of the other.
        image_shape: (H, W) of the input.
        test_cfg: Settings of ``DetectionDecoder``.
        min_safe_scores: Of ``urgency`` and ``object_urgency``.

    Raises:
        ValueError: If there are no pictures, or nothing was found in them.
    """
    if not reference:
        raise ValueError('no pictures to compare')
    scores, boxes = [], []
    shared = lost = changed = urgency = 0
    for wanted, other in zip(reference, found, strict=True):
        places = wanted['scores'] > test_cfg['score_thr']
        scores.append(np.abs(wanted['scores'] - other['scores'])[places])
        boxes.append(np.abs(wanted['boxes'] - other['boxes'])[places].ravel())
        answers = [
            decode_scores(outputs, 0, image_shape, test_cfg, min_safe_scores)
            for outputs in (wanted, other)
        ]
        pairs, unmatched = _match(*answers)
        shared += len(pairs)
        lost += unmatched
        changed += sum(
            _levels(answers[0], i) != _levels(answers[1], j) for i, j in pairs
        )
        urgency += answers[0].image_urgency != answers[1].image_urgency
    if not shared + lost:
        raise ValueError(
            f'nothing scores {MIN_SCORE} in {len(reference)} pictures: no decision to '
            'compare; judge by others, or train longer'
        )
    return DecisionError(
        score=_mean(scores),
        box_px=_mean(boxes),
        detections=lost / max(2 * shared + lost, 1),
        levels=changed / max(shared, 1),
        urgency=urgency / len(reference),
        uncertainty=_mean(
            [
                np.abs(a['uncertainty'] - b['uncertainty']).ravel()
                for a, b in zip(reference, found, strict=True)
            ]
        ),
    )


def _match(
    first: NetworkAnswer, second: NetworkAnswer
) -> tuple[list[tuple[int, int]], int]:
    """Pairs of one class, and how many clear detections of either have no partner."""
    alike = first.labels[:, None] == second.labels[None]
    overlaps = pairwise_iou(first.boxes, second.boxes)
    # A score just below the threshold is no loss: partners may be any detection.
    clear = (first.scores >= MIN_SCORE)[:, None] | (second.scores >= MIN_SCORE)[None]
    pairs = match_pairs(overlaps, alike & clear, MIN_IOU)
    total = (first.scores >= MIN_SCORE).sum() + (second.scores >= MIN_SCORE).sum()
    with_partner = sum(
        int(first.scores[i] >= MIN_SCORE) + int(second.scores[j] >= MIN_SCORE)
        for i, j in pairs
    )
    return pairs, int(total) - with_partner


def _levels(answer: NetworkAnswer, index: int) -> tuple[int, int]:
    return int(answer.zones[index]), int(answer.urgencies[index])


def _mean(values: Sequence[np.ndarray]) -> float:
    joined = np.concatenate(values)
    return float(joined.mean()) if joined.size else 0.0
