"""Base of the heads that answer once an image from what went before and what is now.

Our design: the temporal vector tells how the scene changes, the context vector what
it is; the two are put side by side, each normalised, so that neither drowns the other.
"""

import torch
from torch import Tensor, nn

from maxsight_mm.models.heads import GlobalHead
from maxsight_mm.structures import FeatureBundle


class TemporalGlobalHead(GlobalHead):
    """MLP on ``temporal_pooled`` beside ``context_pooled``, output ``logits``.

    Where cross-task attention runs, the head's own token is added to the latter.

    Args:
        in_channels: Channels of the temporal vector.
        num_outputs: Numbers answered an image.
        context_channels: Channels of the context vector, by default ``in_channels``.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on the loss.
    """

    inputs = ('temporal_pooled', 'context_pooled')
    optional_inputs = ('task_tokens',)

    def __init__(
        self,
        in_channels: int,
        num_outputs: int,
        context_channels: int | None = None,
        hidden_channels: int = 256,
        loss_weight: float = 1.0,
    ) -> None:
        context_channels = context_channels or in_channels
        super().__init__(
            in_channels + context_channels,
            num_outputs,
            hidden_channels,
            loss_weight=loss_weight,
        )
        self.norms = nn.ModuleList(
            nn.LayerNorm(channels) for channels in (in_channels, context_channels)
        )

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        temporal, context = (features[name] for name in self.inputs)
        token = features.get('task_tokens', {}).get(self.task)
        if token is not None:
            context = context + token
        both = [
            norm(x) for norm, x in zip(self.norms, (temporal, context), strict=True)
        ]
        return {'logits': self.mlp(torch.cat(both, dim=1))}
