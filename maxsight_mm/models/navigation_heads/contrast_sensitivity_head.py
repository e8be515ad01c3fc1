"""Where the picture has enough contrast to be seen by weak eyes.

The map is the local RMS contrast, of our design; a viewer's contrast threshold cuts
it into what that viewer sees and what not.
"""

import torch.nn.functional as F
from torch import Tensor

from maxsight_mm.models.heads import MapHead
from maxsight_mm.registry import MODELS


@MODELS.register_module()
class ContrastSensitivityHead(MapHead):
    """Local contrast in [0, 1], mean absolute error.

    Args:
        in_channels: Channels of the map.
        hidden_channels: Width of the convolutions.
        loss_weight: Factor on the loss.
    """

    task = 'contrast_sensitivity'
    criticality = 'navigation'
    targets = ('contrast_map',)

    def __init__(
        self, in_channels: int, hidden_channels: int = 64, loss_weight: float = 0.3
    ) -> None:
        super().__init__(in_channels, 1, hidden_channels, loss_weight)

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """(K, 1, h, w) logits against (K, 1, Hc, Wc) in [0, 1], nan where unknown.

        The answer is averaged over the cells of the label, whose size must be a whole
        number of its own; padding at the right and below is left out.
        """
        target = targets['contrast_map'].float()
        answer = outputs['logits'].float().sigmoid()
        cell = max(round(answer.shape[-1] / target.shape[-1]), 1)
        answer = F.avg_pool2d(answer, cell)
        rows = min(answer.shape[-2], target.shape[-2])
        columns = min(answer.shape[-1], target.shape[-1])
        answer, target = answer[..., :rows, :columns], target[..., :rows, :columns]
        known = target.isfinite()
        error = (answer - target)[known].abs().sum() / known.sum().clamp(min=1)
        return {'loss_contrast_sensitivity': error}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``map``: (B, 1, h, w) float in [0, 1]."""
        return {'map': outputs['logits'].sigmoid()}
