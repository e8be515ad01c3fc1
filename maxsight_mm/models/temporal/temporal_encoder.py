"""What the last frames say about this one: ConvLSTM and TimeSformer together.

Our combination of arXiv 1506.04214 and 2102.05095. The ConvLSTM follows local motion
for as long as the stream lasts and adds what it remembers to each frame's features;
the TimeSformer then compares places and moments over a sliding window. Both run on
the stride-16 level of the safety pass's pyramid, and both can stream: a new frame
costs one frame's work, whatever the window.
"""

from typing import NamedTuple

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from maxsight_mm.registry import MODELS

from .conv_lstm import ConvLSTM, LSTMState
from .timesformer import AttentionMemory, TimeSformer

# Index of the stride-16 level among strides 8, 16 and 32.
_LEVEL = 1


class TemporalState(NamedTuple):
    """Memory of a stream: that of the ConvLSTM and that of the TimeSformer."""

    lstm: LSTMState
    attention: AttentionMemory


@MODELS.register_module()
class TemporalEncoder(BaseModule):
    """A clip's pyramid to one vector; 37.7 M parameters by default.

    For CPU demos ``num_layers=2, hidden_channels=64, embed_dims=96, num_heads=4``
    takes 0.7 M at 64 channels and 128 pooled.

    Args:
        in_channels: Channels of the clip's pyramid.
        pooled_channels: Length of the vector.
        num_layers: TimeSformer layers.
        hidden_channels: Channels of the ConvLSTM's memory.
        embed_dims: Width of the TimeSformer.
        num_heads: Attention heads.
        window: Frames that attention sees, with the current one.
        mlp_ratio: Width of the TimeSformer's MLPs over ``embed_dims``.
    """

    def __init__(
        self,
        in_channels: int = 256,
        pooled_channels: int = 768,
        num_layers: int = 6,
        hidden_channels: int = 448,
        embed_dims: int = 512,
        num_heads: int = 8,
        window: int = 8,
        mlp_ratio: float = 4.0,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.conv_lstm = ConvLSTM(in_channels, hidden_channels)
        self.embed_frame = nn.Conv2d(in_channels, embed_dims, 1)
        self.embed_memory = nn.Conv2d(hidden_channels, embed_dims, 1)
        self.timesformer = TimeSformer(
            embed_dims, num_layers, num_heads, window, mlp_ratio
        )
        self.to_pooled = nn.Linear(2 * embed_dims, pooled_channels)

    def forward(
        self, clip_pyramid: tuple[Tensor, ...], valid: Tensor | None = None
    ) -> Tensor:
        """The last frame of a clip in the light of those before it.

        Args:
            clip_pyramid: (B, T, C, H_l, W_l) float of strides 8, 16 and 32, oldest
                first.
            valid: (B, T) bool; frames that are False, such as the padding of a short
                clip, take no part. The last frame must be True.

        Returns:
            (B, pooled_channels) float.
        """
        clip = clip_pyramid[_LEVEL]
        memory, _ = self.conv_lstm(clip, valid=valid)
        batch, length = clip.shape[:2]
        # (B, T, C, H, W) -> (B*T, D, H, W) -> (B, T, D, H, W)
        embedded = self._embed(clip.flatten(0, 1), memory.flatten(0, 1))
        embedded = embedded.unflatten(0, (batch, length))
        return self._answer(self.timesformer(embedded, valid)[:, -1])

    def step(
        self, level: Tensor, state: TemporalState | None = None
    ) -> tuple[Tensor, TemporalState]:
        """The next frame of a stream.

        Args:
            level: (B, C, H, W) float, the frame's stride-16 level.
            state: What the previous step gave; None starts a stream.

        Returns:
            The vector as :meth:`forward` gives it for the whole stream so far, and
            the new state. ``state`` itself is not changed.
        """
        memory, lstm = self.conv_lstm.step(level, state.lstm if state else None)
        answer, attention = self.timesformer.step(
            self._embed(level, memory), state.attention if state else None
        )
        return self._answer(answer), TemporalState(lstm, attention)

    def _embed(self, frames: Tensor, memory: Tensor) -> Tensor:
        return self.embed_frame(frames) + self.embed_memory(memory)

    def _answer(self, last: Tensor) -> Tensor:
        pooled = torch.cat([last.mean(dim=(2, 3)), last.amax(dim=(2, 3))], dim=1)
        return self.to_pooled(pooled)
