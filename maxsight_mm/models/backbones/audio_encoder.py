"""Sound as one vector: convolutions and a transformer over log-mel frames.

Two strided convolutions in time bring 100 frames a second to 25 tokens (the stem of
Whisper, arXiv 2212.04356); the clip vector and the spatial cues join them as two
more tokens. A learned query reads the answer from all. Our design; the options that
differ from the full width are for demos.

Full width (512, 4 layers, 768 pooled): layers 4 x 3.15 M, stem 1.0 M, the two
cue tokens 0.7 M, pooling 0.4 M; 14.8 M in all.
"""

import math

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle


def sinusoids(length: int, channels: int, device: torch.device) -> Tensor:
    """(length, channels) float32 positions (arXiv 1706.03762), for any length."""
    rate = torch.arange(0, channels, 2, device=device) / channels
    angle = torch.arange(length, device=device)[:, None] * torch.exp(
        -math.log(10_000.0) * rate
    )
    # (length, channels / 2, 2) -> (length, channels)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


def _cue_token(in_channels: int, channels: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(in_channels, channels),
        nn.LayerNorm(channels),
        nn.GELU(),
        nn.Linear(channels, channels),
    )


@MODELS.register_module()
class AudioEncoder(BaseModule):
    """Encodes :class:`AudioFeatures` features.

    A row of the answer is all zeros exactly where there is no sound: where
    ``audio_valid`` is false, or, in training, where the sample's sound was dropped.

    Args:
        pooled_channels: D, channels of the answer.
        token_channels: Width of the tokens, even.
        num_layers: Transformer layers.
        num_heads: Attention heads.
        modality_dropout: Share of the sounds dropped whole in training, so that the
            model keeps working without ears (ModDrop, arXiv 1501.00102).
        dropout: Dropout within the layers.
        frame_channels: Bands of ``audio_frames``.
        mfcc_channels: Length of ``audio_mfcc``.
        spatial_channels: Length of ``audio_spatial``.

    Raises:
        ValueError: If ``modality_dropout`` lies outside [0, 1], or the width is odd.
    """

    def __init__(
        self,
        pooled_channels: int = 768,
        token_channels: int = 512,
        num_layers: int = 4,
        num_heads: int = 8,
        modality_dropout: float = 0.1,
        dropout: float = 0.1,
        frame_channels: int = 64,
        mfcc_channels: int = 128,
        spatial_channels: int = 107,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if not 0 <= modality_dropout <= 1:
            raise ValueError(
                f'modality_dropout must lie in [0, 1], got {modality_dropout!r}'
            )
        if token_channels % 2:
            raise ValueError(f'token_channels must be even, got {token_channels!r}')
        channels = token_channels
        self.modality_dropout = modality_dropout
        self.stem = nn.ModuleList(
            [
                nn.Conv1d(frame_channels, channels, 5, stride=2, padding=2),
                nn.Conv1d(channels, channels, 3, stride=2, padding=1),
            ]
        )
        self.mfcc_token = _cue_token(mfcc_channels, channels)
        self.spatial_token = _cue_token(spatial_channels, channels)
        layer = nn.TransformerEncoderLayer(
            channels,
            num_heads,
            4 * channels,
            dropout,
            activation='gelu',
            batch_first=True,
            norm_first=True,
        )
        self.layers = nn.TransformerEncoder(
            layer, num_layers, nn.LayerNorm(channels), enable_nested_tensor=False
        )
        self.query = nn.Linear(channels, num_heads)
        self.project = nn.Linear(channels, pooled_channels)
        self.norm = nn.LayerNorm(pooled_channels)

    def forward(self, features: FeatureBundle) -> Tensor:
        """Reads ``audio_frames``, ``audio_mfcc``, ``audio_spatial``, ``audio_valid``.

        Returns:
            (B, D) float.
        """
        # (B, F, M) -> (B, M, F) -> (B, F / 4, W)
        frames = features['audio_frames'].transpose(1, 2)
        for convolution in self.stem:
            frames = F.gelu(convolution(frames))
        tokens = frames.transpose(1, 2)
        positions = sinusoids(tokens.shape[1], tokens.shape[2], tokens.device)
        tokens = torch.cat(
            [
                self.mfcc_token(features['audio_mfcc'])[:, None],
                self.spatial_token(features['audio_spatial'])[:, None],
                tokens + positions.to(tokens),
            ],
            dim=1,
        )
        pooled = self.norm(self.project(self._pool(self.layers(tokens))))
        heard = self._heard(features['audio_valid'])
        return torch.where(heard[:, None], pooled, 0)

    def _pool(self, tokens: Tensor) -> Tensor:
        """(B, L, W) to (B, W): each group of channels has a query of its own."""
        share = self.query(tokens).softmax(dim=1)
        # (B, L, W) -> (B, L, heads, W / heads), weighed and summed over L
        grouped = tokens.unflatten(-1, (share.shape[-1], -1))
        return (grouped * share[..., None]).sum(1).flatten(1)

    def _heard(self, valid: Tensor) -> Tensor:
        if not self.training or not self.modality_dropout:
            return valid
        kept = torch.rand(len(valid), device=valid.device) >= self.modality_dropout
        return valid & kept
