"""Channels inside the blocks of a ResNet, which pruning makes fewer.

A channel between two convolutions of one block is seen by nobody else: it goes without
a change to the residual sum, to the FPN or to another block (arXiv 1608.08710, section
3.3). A pruned model is an ordinary one, built narrower by these numbers.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mmdet.models import ResNet
from torch import nn

# Why there is a narrowest convolution stands in resnet_widths.
from .resnet_widths import MIN_BASE_CHANNELS


class InnerConv(NamedTuple):
    """A convolution whose output one other convolution reads.

    Attributes:
        conv: Name in the ResNet, such as ``layer1.0.conv1``.
        norm: Name of its norm.
        reader: Name of the convolution that reads it.
    """

    conv: str
    norm: str
    reader: str


def inner_convs(resnet: ResNet) -> dict[str, InnerConv]:
    """All of them by name: one of a basic block, two of a bottleneck."""
    found = {}
    for layer in resnet.res_layers:
        for index, block in enumerate(getattr(resnet, layer)):
            last = 3 if hasattr(block, 'conv3') else 2
            for number in range(1, last):
                prefix = f'{layer}.{index}'
                norm = getattr(block, f'norm{number}_name')
                inner = InnerConv(
                    f'{prefix}.conv{number}',
                    f'{prefix}.{norm}',
                    f'{prefix}.conv{number + 1}',
                )
                found[inner.conv] = inner
    return found


def set_inner_channels(resnet: ResNet, channels: Mapping[str, int]) -> None:
    """Build convolutions anew with other numbers of channels, in place.

    Args:
        resnet: With one group and batch norms.
        channels: Output channels by the name of the convolution; those not named stay.

    Raises:
        ValueError: If a name is no inner convolution, or a number is below 16 or
            above what the convolution has.
    """
    known = inner_convs(resnet)
    for name, count in channels.items():
        if name not in known:
            raise ValueError(
                f'inner_channels: {name!r} is no inner convolution; the first of '
                f'{len(known)} is {next(iter(known))}'
            )
        conv, norm, reader = map(resnet.get_submodule, known[name])
        assert isinstance(conv, nn.Conv2d) and isinstance(reader, nn.Conv2d)
        assert isinstance(norm, nn.BatchNorm2d)
        if not MIN_BASE_CHANNELS <= count <= conv.out_channels:
            raise ValueError(
                f'inner_channels: {name} must have {MIN_BASE_CHANNELS} to '
                f'{conv.out_channels} channels, got {count}'
            )
        narrow = nn.BatchNorm2d(count, norm.eps, norm.momentum)
        _replace(resnet, known[name].conv, _like(conv, out_channels=count))
        _replace(resnet, known[name].norm, narrow.train(norm.training))
        _replace(resnet, known[name].reader, _like(reader, in_channels=count))


def _replace(resnet: nn.Module, name: str, module: nn.Module) -> None:
    block, _, attribute = name.rpartition('.')
    setattr(resnet.get_submodule(block), attribute, module)


def _like(conv: nn.Conv2d, **changed: int) -> nn.Conv2d:
    """A new convolution with another number of channels.

    Raises:
        ValueError: If it has groups, which share channels out among them.
    """
    if conv.groups != 1:
        raise ValueError(f'inner_channels: {conv.groups} groups cannot be narrowed')
    settings: dict[str, Any] = dict(
        in_channels=conv.in_channels,
        out_channels=conv.out_channels,
        kernel_size=conv.kernel_size,
        stride=conv.stride,
        padding=conv.padding,
        dilation=conv.dilation,
        bias=conv.bias is not None,
    )
    return nn.Conv2d(**settings | changed)
