"""Where a sound comes from: 0 degrees ahead, +90 right, -90 left.

The head gives a vector whose direction is the answer. Its loss is the distance to
the unit vector of the truth: smooth across the rear, where an angle jumps, and, as
the least mean distance is reached at the median, not drawn by a sound that is
mistaken for another. Two ears do not tell front from behind, so that answers are
kept in front unless ``full_circle`` is set. Our design.
"""

from typing import ClassVar

import torch
from torch import Tensor

from maxsight_mm.models.heads import GlobalHead
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle


@MODELS.register_module()
class SoundDirectionHead(GlobalHead):
    """Azimuth of the sound that matters most.

    Args:
        in_channels: Channels of the pooled sound.
        hidden_channels: Width of the hidden layer.
        full_circle: Answer in (-180, 180] in place of [-90, 90].
        loss_weight: Factor on the loss.
    """

    task = 'sound_direction'
    criticality = 'enhancement'
    inputs: ClassVar[tuple[str, ...]] = ('audio_pooled', 'audio_valid')
    targets = ('sound_azimuth_deg',)

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int = 256,
        full_circle: bool = False,
        loss_weight: float = 0.4,
    ) -> None:
        super().__init__(in_channels, 2, hidden_channels, loss_weight)
        self.full_circle = full_circle

    @property
    def outputs(self) -> dict[str, tuple[str | int, ...]]:
        return {'vector': ('B', 2), 'available': ('B',)}

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        vector = self.mlp(features['audio_pooled'])
        return {'vector': vector, 'available': features['audio_valid']}

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean distance of (K, 2) vectors to those of (K,) float degrees."""
        angle = torch.deg2rad(targets['sound_azimuth_deg'].float())
        wanted = torch.stack([angle.cos(), angle.sin()], dim=-1)
        square = (outputs['vector'].float() - wanted).square().sum(-1)
        # The root has no gradient at 0.
        return {'loss_sound_direction': (square + 1e-6).sqrt().mean()}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``azimuth_deg`` (B,) float, ``available`` (B,) bool."""
        ahead, right = outputs['vector'].float().unbind(-1)
        if not self.full_circle:
            ahead = ahead.clamp(min=0)
        return {
            'azimuth_deg': torch.rad2deg(torch.atan2(right, ahead)),
            'available': outputs['available'].bool(),
        }
