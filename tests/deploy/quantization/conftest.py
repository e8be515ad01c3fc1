"""A narrow toy detector, its float graph and inputs for it."""

import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope

from maxsight_mm.registry import MODELS
from tests.models.toy_detector import toy_config

SIZE = (64, 96)


def narrow_detector():
    """With statistics of noise and heads whose answers differ between locations."""
    torch.manual_seed(0)
    config = toy_config()
    config['safety_pass'].update(base_channels=16)
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        detector = MODELS.build(config)
        detector.init_weights()
    for module in detector.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, std=0.2)
    with torch.no_grad():
        detector.train()._forward(torch.randn(4, 3, *SIZE))
    for head in detector.safety_heads:
        if hasattr(head, 'predictor'):
            torch.nn.init.normal_(head.predictor.weight, std=0.1)
    return detector.eval()


@pytest.fixture(scope='session')
def detector():
    return narrow_detector()


@pytest.fixture(scope='session')
def graph(detector):
    pytest.importorskip('onnxruntime', reason='needs the export extra')
    from maxsight_mm.deploy.quantization.quantize_safety_pass import folded_graph

    return folded_graph(detector, SIZE)


@pytest.fixture(scope='session')
def images():
    """Four normalised inputs (1, 3, H, W)."""
    noise = np.random.default_rng(5).standard_normal((4, 1, 3, *SIZE))
    return list(noise.astype(np.float32))
