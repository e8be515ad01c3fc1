"""The toy detector with random heads whose answers differ between locations."""

import torch
from mmengine.registry import DefaultScope

from tests.models.toy_detector import build_toy


def spread_detector(**kwargs):
    """In evaluation mode, with batch norm statistics of noise."""
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        detector = build_toy(**kwargs)
    noise = torch.randn(4, 3, 96, 128, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        for module in detector.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = None
        detector.train()
        detector._forward(noise)
        for head in detector.safety_heads:
            if hasattr(head, 'predictor'):
                std = 0.02 if head.task == 'box' else 0.2
                torch.nn.init.normal_(head.predictor.weight, std=std)
                if head.task == 'objectness':
                    torch.nn.init.zeros_(head.predictor.bias)
    return detector.eval()
