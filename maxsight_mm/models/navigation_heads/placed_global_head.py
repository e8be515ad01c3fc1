"""Base of the heads that answer once an image and have to know where things are.

Pooling over the whole picture forgets on which side a thing stood. Here the tokens
are told their place (CoordConv, arXiv 1807.03247) and pooled over the left, the middle
and the right third by themselves; the pooled feature stands beside them.
"""

from typing import ClassVar

import torch
from torch import Tensor, nn

from maxsight_mm.models.heads import BaseHead
from maxsight_mm.structures import FeatureBundle

from .share_loss import known_cross_entropy

_THIRDS = 3


class PlacedGlobalHead(BaseHead):
    """Yes-or-no questions on the thirds of the picture.

    Args:
        in_channels: Channels of the pooled feature and of the tokens.
        num_outputs: Questions an image.
        place_channels: Channels of a token with its place.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on the loss.
    """

    criticality = 'navigation'
    inputs: ClassVar[tuple[str, ...]] = (
        'context_pooled',
        'context_tokens',
        'context_pyramid',
    )
    optional_inputs: ClassVar[tuple[str, ...]] = ('task_tokens',)

    def __init__(
        self,
        in_channels: int,
        num_outputs: int,
        place_channels: int = 64,
        hidden_channels: int = 128,
        loss_weight: float = 0.5,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(loss_weight, init_cfg)
        self.num_outputs = num_outputs
        self.place = nn.Sequential(
            nn.Linear(in_channels + 2, place_channels),
            nn.ReLU(inplace=True),
            nn.Linear(place_channels, place_channels),
        )
        self.mlp = nn.Sequential(
            nn.Linear(2 * _THIRDS * place_channels + in_channels, hidden_channels),
            nn.ReLU(inplace=True),
            nn.Linear(hidden_channels, num_outputs),
        )

    @property
    def outputs(self) -> dict[str, tuple[str | int, ...]]:
        return {'logits': ('B', self.num_outputs)}

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        pooled, tokens, pyramid = (features[name] for name in self.inputs)
        token = features.get('task_tokens', {}).get(self.task)
        if token is not None:
            pooled = pooled + token
        # The tokens are those of stride 16, row by row.
        height, width = pyramid[1].shape[-2:]
        where = _places(height, width, tokens).expand(len(tokens), -1, -1)
        placed = self.place(torch.cat([tokens, where], dim=-1))
        # (B, L, P) -> (B, h, w, P)
        placed = placed.unflatten(1, (height, width))
        thirds = [placed[:, :, part] for part in _thirds(width)]
        summary = [third.mean(dim=(1, 2)) for third in thirds]
        summary += [third.amax(dim=(1, 2)) for third in thirds]
        return {'logits': self.mlp(torch.cat([*summary, pooled], dim=1))}

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean over (K, Q) logits against 0, 1 or nan, (K,) for one question."""
        target = targets[self.targets[0]]
        logits = outputs['logits']
        loss = known_cross_entropy(logits, target.reshape(logits.shape))
        return {f'loss_{self.task}': loss}


def _places(height: int, width: int, like: Tensor) -> Tensor:
    """(1, L, 2): x and y of each token from -1 to 1, row by row."""
    y = torch.arange(height, device=like.device) * 2 + 1
    x = torch.arange(width, device=like.device) * 2 + 1
    rows, columns = torch.meshgrid(y / height - 1, x / width - 1, indexing='ij')
    return torch.stack([columns, rows], dim=-1).flatten(0, 1)[None].to(like)


def _thirds(width: int) -> list[slice]:
    """The columns of each third; they overlap where the width has no third."""
    return [
        slice(k * width // _THIRDS, max(-(-(k + 1) * width // _THIRDS), 1))
        for k in range(_THIRDS)
    ]
