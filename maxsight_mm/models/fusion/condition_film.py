"""Adapts context features to the viewer's vision: FiLM by condition severities.

Scale and shift of each channel (FiLM, arXiv 1709.07871) are computed from the
severities of the 13 vision conditions. A departure: both are multiplied by the
largest severity, so that a viewer without a condition gets the features unchanged,
before training and after it (test_no_condition_is_the_identity_after_training).
Never for safety features: what is dangerous does not depend on who looks.
"""

from mmengine.model import BaseModule
from torch import Tensor, nn

from maxsight_mm.registry import MODELS
from maxsight_mm.taxonomy.conditions import CONDITIONS


@MODELS.register_module()
class ConditionFilm(BaseModule):
    """``x * (1 + scale) + shift`` with both from the severities.

    Args:
        channels: Channels of the feature.
        num_conditions: Length of the severity vector.
        hidden_channels: Width of the hidden layer.
    """

    def __init__(
        self,
        channels: int,
        num_conditions: int = len(CONDITIONS),
        hidden_channels: int = 64,
    ) -> None:
        super().__init__()
        self.hidden = nn.Linear(num_conditions, hidden_channels)
        self.activation = nn.ReLU(inplace=True)
        self.modulation = nn.Linear(hidden_channels, channels * 2)

    def init_weights(self) -> None:
        super().init_weights()
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, severity: Tensor) -> tuple[Tensor, Tensor]:
        """Scale and shift.

        Args:
            severity: (B, 13) float in [0, 1]; zeros for no condition.

        Returns:
            Two of (B, C) float: scale - 1 and shift, zero where no condition is.
        """
        most = severity.amax(dim=1, keepdim=True)
        modulation = self.modulation(self.activation(self.hidden(severity))) * most
        scale, shift = modulation.chunk(2, dim=1)
        return scale, shift


def modulate(feature: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Apply FiLM.

    Args:
        feature: (B, C), (B, L, C) or (B, C, H, W) float.
        scale: (B, C) float, scale - 1.
        shift: (B, C) float.

    Returns:
        The feature's shape.
    """
    if feature.ndim == 3:
        return feature * (1 + scale[:, None]) + shift[:, None]
    shape = scale.shape + (1,) * (feature.ndim - 2)
    return feature * (1 + scale.view(shape)) + shift.view(shape)
