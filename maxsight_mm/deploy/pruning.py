"""A smaller model out of a trained one: channels inside the ResNet's blocks go.

Whole output channels of the inner convolutions are taken out, with their norms and the
inputs of the convolution behind them (arXiv 1608.08710); what is left is an ordinary
model of fewer channels, to be trained further, tested and exported like any other.
"""

import math
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Literal

import torch
from mmdet.models import ResNet
from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch import Tensor, nn

from maxsight_mm.inference import load_detector
from maxsight_mm.models.backbones.inner_channels import InnerConv, inner_convs
from maxsight_mm.models.backbones.resnet_widths import MIN_BASE_CHANNELS
from maxsight_mm.models.detectors import MaxSightDetector
from maxsight_mm.registry import MODELS

Criterion = Literal['l2', 'norm_scale']
CRITERIA: tuple[Criterion, ...] = ('l2', 'norm_scale')
# What vector units of CPUs take at once; other widths are smaller and no faster.
_STEP = 8


def channels_to_keep(
    resnet: ResNet,
    ratios: float | Mapping[str, float],
    criterion: Criterion = 'l2',
    step: int = _STEP,
) -> dict[str, Tensor]:
    """Choose the strongest channels of every inner convolution.

    Args:
        resnet: Trained.
        ratios: Share of the channels of a convolution that go, in [0, 1): one for
            all, or by the beginning of names (``layer4``, ``layer2.0.conv1``), of
            which the longest counts; what is not named stays whole.
        criterion: ``l2``, the norm of a filter times its batch norm's factor, or
            ``norm_scale``, the weight of the batch norm alone.
        step: What is left is rounded up to a multiple of it.

    Returns:
        Indices (K,) int64 in rising order, by name of the convolution; convolutions
        that stay whole are left out.

    Raises:
        ValueError: If a ratio is out of range, a name fits nothing, or fewer than 16
            channels would be left.
    """
    if criterion not in CRITERIA:
        raise ValueError(f'criterion must be one of {CRITERIA}, got {criterion!r}')
    convs = inner_convs(resnet)
    by_name = ratios if isinstance(ratios, Mapping) else {'layer': ratios}
    for prefix, ratio in by_name.items():
        if not 0 <= ratio < 1:
            raise ValueError(f'ratio of {prefix} must lie in [0, 1), got {ratio}')
        if not any(name.startswith(prefix) for name in convs):
            raise ValueError(f'{prefix!r} begins no name of an inner convolution')
    kept = {}
    for name, inner in convs.items():
        fitting = [prefix for prefix in by_name if name.startswith(prefix)]
        ratio = by_name[max(fitting, key=len)] if fitting else 0.0
        strength = _strength(resnet, inner, criterion)
        # Without the guard 0.7 of 40 would leave 13, not 12.
        left = math.ceil(len(strength) * (1 - ratio) - 1e-6)
        left = min(-(-left // step) * step, len(strength))
        if left < MIN_BASE_CHANNELS:
            raise ValueError(
                f'ratio {ratio:g} leaves {left} of {len(strength)} channels of {name}; '
                f'at least {MIN_BASE_CHANNELS} must be left'
            )
        if left < len(strength):
            kept[name] = strength.topk(left).indices.sort().values
    return kept


def pruned_weights(
    weights: Mapping[str, Tensor], resnet: ResNet, kept: Mapping[str, Tensor], root: str
) -> dict[str, Tensor]:
    """Weights without the channels that go.

    Args:
        weights: State dict of the whole model.
        resnet: The ResNet in it.
        kept: As :func:`channels_to_keep` gives it.
        root: What names of the ResNet begin with in ``weights``.
    """
    pruned = dict(weights)
    convs = inner_convs(resnet)
    for name, indices in kept.items():
        inner = convs[name]
        for key, value in weights.items():
            # All but the norm's count of batches.
            if key.startswith(f'{root}{inner.norm}.') and value.ndim:
                pruned[key] = value[indices]
        out, read = f'{root}{inner.conv}.weight', f'{root}{inner.reader}.weight'
        pruned[out] = pruned[out][indices]
        pruned[read] = pruned[read][:, indices]
    return pruned


def prune_detector(
    config: Config,
    checkpoint: str | Path,
    ratios: float | Mapping[str, float],
    criterion: Criterion = 'l2',
) -> tuple[Config, MaxSightDetector]:
    """Prune the ResNet of the safety pass.

    Args:
        config: Config the checkpoint was trained with.
        checkpoint: The weights.
        ratios: As for :func:`channels_to_keep`.
        criterion: Likewise.

    Returns:
        The config with ``inner_channels`` and without ``pretrained``, and its model
        with the weights that are left.

    Raises:
        ValueError: If the checkpoint is of another model, nothing would go, or as
            :func:`channels_to_keep`.
    """
    detector = load_detector(config, checkpoint)
    resnet = detector.safety_pass.backbone
    kept = channels_to_keep(resnet, ratios, criterion)
    if not kept:
        raise ValueError(f'no channel goes at these ratios: {_STEP} at a time do')
    config = deepcopy(config)
    settings: Any = config.model.safety_pass
    counts = {name: len(indices) for name, indices in kept.items()}
    settings.inner_channels = dict(settings.get('inner_channels') or {}) | counts
    settings.pretrained = None
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        pruned = MODELS.build(config.model)
    pruned.load_state_dict(
        pruned_weights(detector.state_dict(), resnet, kept, 'safety_pass.backbone.')
    )
    return config, pruned.eval()


def _strength(resnet: ResNet, inner: InnerConv, criterion: Criterion) -> Tensor:
    """(C,) float, what the channels are ranked by."""
    conv, norm = resnet.get_submodule(inner.conv), resnet.get_submodule(inner.norm)
    assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    assert norm.running_var is not None
    scale = norm.weight.detach().abs()
    if criterion == 'norm_scale':
        return scale
    # A norm makes up for the size of a filter: what counts is their product.
    filters = conv.weight.detach().flatten(1).norm(dim=1)
    return filters * scale / torch.sqrt(norm.running_var + norm.eps)
