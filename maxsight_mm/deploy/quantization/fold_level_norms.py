"""Batch norms of the towers inside their convolutions, one copy a level.

A tower shares its convolutions between the levels and norms each level on its own, so
exporters leave those norms as operators that INT8 cannot run. The copies differ by a
factor a channel alone: where its sign is the same, INT8 gives them the same integers
but for rounding, and :func:`share_equal_integers` stores these once.
"""

from typing import Any

import numpy as np
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval

from maxsight_mm.models.passes.level_tower import LevelTower

# Integers that round the same number may differ by one where it lies between them.
_MAX_ROUNDED_SHARE = 0.01


class FoldedTower(nn.Module):
    """A :class:`LevelTower` in evaluation, without norms."""

    def __init__(self, tower: LevelTower) -> None:
        super().__init__()
        self.levels = nn.ModuleList(
            nn.ModuleList(map(_folded, tower.convs, _modules(norms)))
            for norms in tower.norms
        )

    def forward(self, levels: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """(B, C_in, H_l, W_l) of each level -> (B, C_out, H_l, W_l)."""
        outs = []
        for level, convs in zip(levels, self.levels, strict=True):
            for conv in _modules(convs):
                level = conv(level).relu()
            outs.append(level)
        return tuple(outs)


def fold_level_norms(module: nn.Module) -> nn.Module:
    """The module with every tower folded, in place."""
    for name, child in module.named_children():
        if isinstance(child, LevelTower):
            setattr(module, name, FoldedTower(child))
        else:
            fold_level_norms(child)
    return module


def share_equal_integers(graph: Any) -> int:
    """Store INT8 weights that are equal once.

    Args:
        graph: ``onnx.ModelProto`` with quantised weights, changed in place.

    Returns:
        Bytes saved.
    """
    from onnx import numpy_helper

    stored: dict[tuple, list[tuple[str, np.ndarray]]] = {}
    replaced: dict[str, str] = {}
    for tensor in graph.graph.initializer:
        if len(tensor.dims) != 4 or not tensor.name.endswith('_quantized'):
            continue
        values = numpy_helper.to_array(tensor)
        alike = stored.setdefault(values.shape, [])
        for name, others in alike:
            if _same_rounding(values, others):
                replaced[tensor.name] = name
                break
        else:
            alike.append((tensor.name, values))
    for node in graph.graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = replaced.get(name, name)
    kept = [t for t in graph.graph.initializer if t.name not in replaced]
    saved = sum(
        int(np.prod(t.dims)) for t in graph.graph.initializer if t.name in replaced
    )
    del graph.graph.initializer[:]
    graph.graph.initializer.extend(kept)
    return saved


def _same_rounding(first: np.ndarray, second: np.ndarray) -> bool:
    apart = np.abs(first.astype(np.int16) - second)
    return bool(apart.max() <= 1 and (apart > 0).mean() <= _MAX_ROUNDED_SHARE)


def _modules(modules: nn.Module) -> nn.ModuleList:
    assert isinstance(modules, nn.ModuleList)
    return modules


def _folded(conv: nn.Module, norm: nn.Module) -> nn.Module:
    assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    return fuse_conv_bn_eval(conv, norm).requires_grad_(False)
