"""How sure is the safety pass of this image: its expected share of wrong answers.

Our design. The head is a judge of the other safety heads: it reads their outputs
and the pooled features, all detached, and predicts the image error that
:func:`maxsight_mm.models.task_modules.image_error_target` measures against the
labels. Binary cross entropy with a soft target is a proper scoring rule for its
mean, so the answer is calibrated as far as the training images are like the
others; nothing it learns can move a safety answer.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from maxsight_mm.models.heads import GlobalHead
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle

_NUM_EVIDENCE = 8


@MODELS.register_module()
class UncertaintyHead(GlobalHead):
    """Expected error of an image, one logit.

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
            in_channels + _NUM_EVIDENCE, 1, hidden_channels, loss_weight=loss_weight
        )

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        pooled, *logits = (features[name].detach() for name in self.inputs)
        evidence = _evidence(*logits)
        return {'logits': self.mlp(torch.cat([pooled, evidence.to(pooled)], dim=1))}

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean over (M, 1) logits against (M,) float errors in [0, 1]."""
        loss = F.binary_cross_entropy_with_logits(
            outputs['logits'].squeeze(-1).float(), targets['image_error']
        )
        return {'loss_uncertainty': loss}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores``: (B, 1) float in [0, 1], expected share of wrong answers."""
        return {'scores': outputs['logits'].sigmoid()}


def _evidence(
    objectness: Tensor, classes: Tensor, zones: Tensor, urgency: Tensor
) -> Tensor:
    """Confidence of the other heads in eight numbers.

    Args:
        objectness: (B, N, 1) logits.
        classes: (B, N, K) logits.
        zones: (B, N, 3) logits.
        urgency: (B, 4) logits.

    Returns:
        (B, 8) float: best objectness, its mean, the share of the objectness mass
        that is undecided, expected class and zone entropy over that mass, urgency
        entropy, and the two best urgency scores.
    """
    score = objectness.squeeze(-1).float().sigmoid()
    mass = score / score.sum(dim=1, keepdim=True).clamp(min=1e-6)
    best_two = urgency.float().softmax(dim=-1).topk(2, dim=-1).values
    return torch.stack(
        [
            score.amax(dim=1),
            score.mean(dim=1) * 10,
            (mass * 4 * score * (1 - score)).sum(dim=1),
            (mass * _entropy(classes)).sum(dim=1),
            (mass * _entropy(zones)).sum(dim=1),
            _entropy(urgency),
            best_two[:, 0],
            best_two[:, 1],
        ],
        dim=1,
    )


def _entropy(logits: Tensor) -> Tensor:
    log_prob = logits.float().log_softmax(dim=-1)
    return -(log_prob.exp() * log_prob).sum(dim=-1)
