"""A large matrix product in each library, as a measure of what the cores can do.

Which library is fastest depends on the CPU's maker: on an AMD EPYC that of torch
reached half of what ONNX Runtime and OpenVINO did.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import nn

from maxsight_mm.engine.step_timing import Step

from .backends.onnx_scores import export_onnx_graph
from .backends.plain_graph import INPUT_NAME
from .sessions import OnnxRuntimeSession, OpenVinoSession

# Large enough that a product of this side runs at the speed of the units.
PRODUCT_SIDE = 1536


class _Product(nn.Module):
    """A matrix product with fixed weights."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(PRODUCT_SIDE, PRODUCT_SIDE))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return rows @ self.weight


def products(threads: int) -> list[Step]:
    """The product in torch, ONNX Runtime and OpenVINO."""
    product, rows = _Product().eval(), torch.randn(PRODUCT_SIDE, PRODUCT_SIDE)
    with TemporaryDirectory() as folder:
        path = Path(folder) / 'product.onnx'
        graph = export_onnx_graph(product, rows, ('product',))
        path.write_bytes(graph.SerializeToString())
        sessions: list[Any] = [
            kind(path, INPUT_NAME, threads=threads)
            for kind in (OnnxRuntimeSession, OpenVinoSession)
        ]
    return [
        torch_step(product, rows, compiled=False),
        *(session_step(session, rows.numpy()) for session in sessions),
    ]


def torch_step(module: nn.Module, inputs: torch.Tensor, compiled: bool) -> Step:
    """One run of a module, compiled with its weights frozen where wanted."""
    run: Any = module.eval()
    if compiled:
        run = torch.compile(module, options={'freezing': True})

    # Not inference_mode: freezing folds weights only without it.
    @torch.no_grad()
    def step() -> None:
        run(inputs)

    return step


def session_step(session: Any, inputs: np.ndarray) -> Step:
    """One run of a session."""

    def step() -> None:
        session(inputs)

    return step
