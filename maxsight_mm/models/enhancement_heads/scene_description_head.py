"""A sentence or two about the scene, word by word from a closed vocabulary.

A transformer decoder (arXiv 1706.03762) that attends to the tokens of the context
pass and, where they are pooled, to the objects. Our size; four layers of 512 have
17 million parameters.
"""

import math

import torch
from torch import Tensor, nn

from maxsight_mm.models.heads import SequenceHead
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle
from maxsight_mm.taxonomy.vocabulary import BOS, EOS, PAD, UNK, VOCABULARY

_TOKEN_STRIDE = 16


@MODELS.register_module()
class SceneDescriptionHead(SequenceHead):
    """Captions in the words of ``taxonomy.vocabulary``.

    Target ``caption_ids``: (B, S) int64, ``<bos>``, words, ``<eos>``, -1 padded.

    Args:
        in_channels: Channels of ``context_tokens``.
        channels: Width of the decoder, a multiple of 4 and of ``num_heads``.
        num_layers: Layers of the decoder.
        num_heads: Attention heads.
        instance_channels: Channels of ``instance_features``; None leaves the
            objects out.
        max_length: Words of the labels.
        dropout: Dropout of the decoder.
        loss_weight: Factor on the loss.
    """

    task = 'scene_description'
    criticality = 'enhancement'
    inputs = ('context_tokens', 'images')
    targets = ('caption_ids',)

    def __init__(
        self,
        in_channels: int,
        channels: int = 512,
        num_layers: int = 4,
        num_heads: int = 8,
        instance_channels: int | None = None,
        max_length: int = 64,
        dropout: float = 0.1,
        loss_weight: float = 0.3,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        if channels % 4 or channels % num_heads:
            raise ValueError(
                f'{type(self).__name__}: channels must be a multiple of 4 and of '
                f'num_heads={num_heads}, got {channels}'
            )
        super().__init__(
            len(VOCABULARY),
            BOS,
            EOS,
            (PAD, BOS, UNK),
            max_length,
            dict(
                channels=channels,
                num_layers=num_layers,
                num_heads=num_heads,
                dropout=dropout,
            ),
            loss_weight,
            init_cfg,
        )
        self.tokens = nn.Sequential(
            nn.Linear(in_channels, channels), nn.LayerNorm(channels)
        )
        self.instances = None
        if instance_channels is not None:
            self.instances = nn.Sequential(
                nn.Linear(instance_channels, channels), nn.LayerNorm(channels)
            )

    def memory(self, features: FeatureBundle) -> tuple[Tensor, Tensor | None]:
        """Tokens with their places, then the objects."""
        tokens = self.tokens(features['context_tokens'])
        columns = math.ceil(features['images'].shape[-1] / _TOKEN_STRIDE)
        tokens = tokens + _places(tokens, columns)
        if self.instances is None or 'instance_features' not in features:
            return tokens, None
        objects = self.instances(features['instance_features'])
        there = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
        mask = torch.cat([there, features['instance_mask']], 1)
        return torch.cat([tokens, objects], 1), mask

    def predict(self, outputs) -> dict[str, list[str]]:
        """``captions``: one text an image."""
        ids = self.choose(outputs['logits']).tolist()
        return {'captions': [VOCABULARY.decode(words) for words in ids]}


def _places(tokens: Tensor, columns: int) -> Tensor:
    """(L, C) sines and cosines of the row and column of row-major tokens."""
    length, channels = tokens.shape[1:]
    index = torch.arange(length, device=tokens.device)
    place = torch.stack([index % columns, index // columns], -1)[..., None]
    steps = torch.arange(channels // 4, device=tokens.device) / (channels // 4)
    angles = (place * 100.0**-steps).flatten(1)  # (L, 2, C / 4) -> (L, C / 2)
    return torch.cat([angles.sin(), angles.cos()], 1).to(tokens)
