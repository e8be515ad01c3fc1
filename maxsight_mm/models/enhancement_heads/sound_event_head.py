"""Which sounds are heard: several may be at once."""

from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from maxsight_mm.models.heads import GlobalHead
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle


@MODELS.register_module()
class SoundEventHead(GlobalHead):
    """One logit a kind of sound, binary cross entropy.

    The seed's weight of the loss. For a sample whose sound was dropped or is
    missing the head reads zeros and learns how common each sound is; the answer
    ``available`` tells such scores from heard ones.

    Args:
        in_channels: Channels of the pooled sound.
        num_classes: Kinds of sound; the street world has six.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on the loss.
    """

    task = 'sound_event'
    criticality = 'enhancement'
    inputs: ClassVar[tuple[str, ...]] = ('audio_pooled', 'audio_valid')
    targets = ('sound_events',)

    def __init__(
        self,
        in_channels: int,
        num_classes: int = 6,
        hidden_channels: int = 256,
        loss_weight: float = 0.4,
    ) -> None:
        super().__init__(in_channels, num_classes, hidden_channels, loss_weight)

    @property
    def outputs(self) -> dict[str, tuple[str | int, ...]]:
        return {'logits': ('B', self.num_outputs), 'available': ('B',)}

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        logits = self.mlp(features['audio_pooled'])
        return {'logits': logits, 'available': features['audio_valid']}

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean over (K, C) logits against (K, C) float 0 or 1, nan where unknown."""
        wanted = targets['sound_events'].float()
        known = wanted.isfinite()
        each = F.binary_cross_entropy_with_logits(
            outputs['logits'].float(), wanted.nan_to_num(0, 0, 0), reduction='none'
        )
        return {'loss_sound_event': (each * known).sum() / known.sum().clamp(min=1)}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores`` (B, C) float in [0, 1], ``available`` (B,) bool."""
        return {
            'scores': outputs['logits'].sigmoid(),
            'available': outputs['available'].bool(),
        }
