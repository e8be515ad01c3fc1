"""How sure is the safety pass of this image: its expected share of wrong answers.

Our design. The head is a judge of the other safety heads: it reads their outputs
and the pooled features, all detached, and predicts the two image errors that
:func:`maxsight_mm.models.task_modules.image_error_target` measures against the
labels: objects wrong, and urgency wrong. Binary cross entropy with a soft target is
a proper scoring rule for its mean, so the answer is calibrated as far as the
training images are like the others; nothing it learns can move a safety answer.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from maxsight_mm.models.heads import GlobalHead
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle
from maxsight_mm.taxonomy.levels import URGENCIES

# Detections are counted above each of them: objects that are given and objects
# that are doubted tell most about how many are wrong.
_SCORE_STEPS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_NUM_EVIDENCE = 2 * len(_SCORE_STEPS) - 1 + 2 + len(URGENCIES) + 3


@MODELS.register_module()
class UncertaintyHead(GlobalHead):
    """Expected errors of an image, one logit for its objects and one for its urgency.

    Args:
        in_channels: Channels of the pooled feature.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on the loss.
    """

    task = 'uncertainty'
    criticality = 'safety'
    inputs = (
        'pooled',
        'objectness.logits',
        'classification.logits',
        'distance.logits',
        'urgency.logits',
    )
    targets = ('image_error',)

    def __init__(
        self, in_channels: int, hidden_channels: int = 64, loss_weight: float = 0.5
    ) -> None:
        super().__init__(
            in_channels + _NUM_EVIDENCE, 2, hidden_channels, loss_weight=loss_weight
        )

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        pooled, *logits = (features[name].detach() for name in self.inputs)
        evidence = _evidence(*logits)
        return {'logits': self.mlp(torch.cat([pooled, evidence.to(pooled)], dim=1))}

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean over (M, 2) logits against (M, 2) errors in [0, 1], nan for unknown."""
        known = targets['image_error'].isfinite()
        loss = F.binary_cross_entropy_with_logits(
            outputs['logits'].float()[known], targets['image_error'][known]
        )
        return {'loss_uncertainty': loss}

    def predict(self, outputs) -> dict[str, Tensor]:
        """Expected errors in [0, 1].

        Returns:
            ``scores`` (B, 1) float, the mean of ``parts`` (B, 2): the share of
            objects that are wrong, and the chance that the urgency is.
        """
        parts = outputs['logits'].sigmoid()
        return {'scores': parts.mean(dim=1, keepdim=True), 'parts': parts}


def _evidence(
    objectness: Tensor, classes: Tensor, zones: Tensor, urgency: Tensor
) -> Tensor:
    """Confidence of the other heads.

    Args:
        objectness: (B, N, 1) logits.
        classes: (B, N, K) logits.
        zones: (B, N, 3) logits.
        urgency: (B, 4) logits.

    Returns:
        (B, 30) float: log counts of the locations that score above each step, and
        their differences; class and zone entropy, weighted by the objectness; log
        scores of the urgencies, their entropy and the two best.
    """
    object_score = objectness.squeeze(-1).float().sigmoid()
    score = object_score * classes.float().softmax(dim=-1).amax(dim=-1)
    counts = torch.stack(
        [(score > step).sum(dim=1) for step in _SCORE_STEPS], dim=1
    ).float()
    counts = counts.log1p()
    mass = object_score / object_score.sum(dim=1, keepdim=True).clamp(min=1e-6)
    entropies = torch.stack(
        [(mass * _entropy(classes)).sum(dim=1), (mass * _entropy(zones)).sum(dim=1)],
        dim=1,
    )
    levels = urgency.float().softmax(dim=-1)
    return torch.cat(
        [
            counts,
            counts[:, 1:] - counts[:, :-1],
            entropies,
            (levels + 1e-3).log(),
            _entropy(urgency)[:, None],
            levels.topk(2, dim=-1).values,
        ],
        dim=1,
    )


def _entropy(logits: Tensor) -> Tensor:
    log_prob = logits.float().log_softmax(dim=-1)
    return -(log_prob.exp() * log_prob).sum(dim=-1)
