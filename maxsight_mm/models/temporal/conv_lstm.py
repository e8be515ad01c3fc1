"""A recurrent memory that keeps its place in the image: ConvLSTM (arXiv 1506.04214).

It remembers what moved through each place for as long as the stream lasts, at a
constant cost a frame. Departure: no peepholes (the gates do not see the cell), as in
the LSTMs in common use, so that no weight depends on the size of the map.
"""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

# Hidden map and cell, (B, C_hidden, H, W) each.
LSTMState = tuple[Tensor, Tensor]


class ConvLSTM(BaseModule):
    """One ConvLSTM layer.

    Args:
        in_channels: Channels of a frame's features.
        hidden_channels: Channels of the hidden map and of the cell.
        kernel_size: Odd size of the convolutions on the frame and on the hidden map.

    Raises:
        ValueError: If ``kernel_size`` is even.
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int,
        kernel_size: int = 3,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if kernel_size % 2 == 0:
            raise ValueError(f'kernel_size must be odd, got {kernel_size}')
        self.hidden_channels = hidden_channels
        gates, padding = 4 * hidden_channels, kernel_size // 2
        self.from_frame = nn.Conv2d(in_channels, gates, kernel_size, padding=padding)
        self.from_hidden = nn.Conv2d(
            hidden_channels, gates, kernel_size, padding=padding, bias=False
        )
        self._open_forget_gate()

    def init_weights(self) -> None:
        super().init_weights()
        self._open_forget_gate()

    def _open_forget_gate(self) -> None:
        """Forget bias 1: a fresh memory keeps what it holds (Jozefowicz 2015)."""
        assert self.from_frame.bias is not None
        nn.init.zeros_(self.from_frame.bias)
        _, forget, _, _ = self.from_frame.bias.data.chunk(4)
        forget.fill_(1.0)

    def forward(
        self,
        sequence: Tensor,
        state: LSTMState | None = None,
        valid: Tensor | None = None,
    ) -> tuple[Tensor, LSTMState]:
        """Runs over a clip.

        Args:
            sequence: (B, T, C, H, W) float, oldest first.
            state: Memory before the clip; None is an empty one.
            valid: (B, T) bool; a frame that is False leaves the memory as it was.

        Returns:
            (B, T, C_hidden, H, W) hidden maps, and the memory after the clip.
        """
        batch, length = sequence.shape[:2]
        # (B, T, C, H, W) -> (B*T, C, H, W): the frames' part at once.
        drive = self.from_frame(sequence.flatten(0, 1)).unflatten(0, (batch, length))
        hidden_maps = []
        for t in range(length):
            following = self._advance(drive[:, t], state)
            if valid is not None:
                following = _keep(following, state, valid[:, t])
            state = following
            hidden_maps.append(state[0])
        assert state is not None
        return torch.stack(hidden_maps, dim=1), state

    def step(
        self, frame: Tensor, state: LSTMState | None = None
    ) -> tuple[Tensor, LSTMState]:
        """One (B, C, H, W) frame: its (B, C_hidden, H, W) hidden map, new memory."""
        state = self._advance(self.from_frame(frame), state)
        return state[0], state

    def _advance(self, drive: Tensor, state: LSTMState | None) -> LSTMState:
        if state is not None:
            drive = drive + self.from_hidden(state[0])
        enter, forget, show, content = drive.chunk(4, dim=1)
        cell = enter.sigmoid() * content.tanh()
        if state is not None:
            cell = forget.sigmoid() * state[1] + cell
        return show.sigmoid() * cell.tanh(), cell


def _keep(following: LSTMState, state: LSTMState | None, valid: Tensor) -> LSTMState:
    """``following`` where (B,) ``valid``, else ``state``, of which None is zeros."""
    here = valid[:, None, None, None]
    before = state or (following[0].new_zeros(()), following[1].new_zeros(()))
    return (
        torch.where(here, following[0], before[0]),
        torch.where(here, following[1], before[1]),
    )
