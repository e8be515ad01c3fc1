"""Where is it: distances from a location to the four sides (FCOS, 1904.01355)."""

import math
from typing import Literal

import torch
import torch.nn.functional as F
from mmdet.models.losses.iou_loss import giou_loss
from mmdet.structures.bbox import distance2bbox
from mmengine.model import normal_init
from torch import Tensor

from maxsight_mm.models.heads import DenseHead
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle

# exp(6) strides is 400 cells: beyond any image, still finite in half precision.
_MAX_LOG_DISTANCE = 6.0


@MODELS.register_module()
class BoxHead(DenseHead):
    """Boxes in pixels at each location.

    The layer answers ``log(distance / stride)`` of each side; it starts at boxes of
    four strides, the size of the priors.

    Args:
        in_channels: Channels of the geometric tower.
        loss: ``giou`` (arXiv 1902.09630), or ``smooth_l1`` on distances divided by
            the stride, with beta 1.
        loss_weight: Factor on the loss.

    Raises:
        ValueError: If ``loss`` is unknown.
    """

    task = 'box'
    criticality = 'safety'
    inputs = ('geometric', 'points', 'strides')
    targets = ('boxes', 'box_strides')

    def __init__(
        self,
        in_channels: int,
        loss: Literal['giou', 'smooth_l1'] = 'giou',
        loss_weight: float = 3.0,
    ) -> None:
        super().__init__(in_channels, 4, loss_weight=loss_weight)
        if loss not in ('giou', 'smooth_l1'):
            raise ValueError(
                f"BoxHead: loss must be 'giou' or 'smooth_l1', got {loss!r}"
            )
        self.loss_type = loss

    def init_weights(self) -> None:
        super().init_weights()
        normal_init(self.predictor, std=0.01, bias=math.log(2.0))

    @property
    def outputs(self) -> dict[str, tuple[str | int, ...]]:
        return {'boxes': ('B', 'N', 4)}

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        log_distances = super().forward(features)['logits'].float()
        log_distances = log_distances.clamp(max=_MAX_LOG_DISTANCE)
        distances = log_distances.exp() * features['strides'][:, None]
        points = features['points'].expand(distances.shape[0], -1, -1)
        return {'boxes': distance2bbox(points, distances)}

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean over (M, 4) xyxy boxes against (M, 4), strides (M,)."""
        boxes, wanted = outputs['boxes'], targets['boxes']
        if self.loss_type == 'giou':
            loss = giou_loss(boxes, wanted, eps=1e-6)
        else:
            # Sides in strides: on boxes normalised to [0, 1] a beta of 1 would
            # keep every error in the quadratic part and its gradient near zero.
            stride = targets['box_strides'][:, None]
            loss = F.smooth_l1_loss(boxes / stride, wanted / stride)
        return {'loss_box': torch.as_tensor(loss)}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``boxes``: (B, N, 4) float xyxy in pixels of the network's input."""
        return {'boxes': outputs['boxes']}
