"""A whole tier as one ONNX file of static shape; needs the extra ``export``."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .backends.plain_graph import extra_needed
from .context_graph import ContextGraph
from .onnx_files import check_onnx_file
from .quiet_export import drop_notes, quiet_export

OPSET = 18


def export_context_onnx(
    graph: ContextGraph, size: tuple[int, int], path: str | Path
) -> None:
    """Write the graph.

    Args:
        graph: The tier; it is not changed.
        size: (H, W) of a frame in pixels.
        path: File to be written; ends in ``.onnx``.

    Raises:
        ImportError: Without the extra.
        ValueError: If the graph holds an operator that is no standard ONNX.
    """
    with extra_needed('onnx', 'export'):
        import onnx
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    inputs = graph.example_inputs(size)
    with torch.no_grad(), quiet_export():
        program: Any = torch.onnx.export(
            _InOrder(graph, list(inputs)),
            tuple(inputs.values()),
            dynamo=True,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(graph(inputs)),
            custom_translation_table=_operators(),
            verbose=False,
        )
    # The program makes a new one of it whenever asked.
    model = program.model_proto
    drop_notes(model)
    path.write_bytes(model.SerializeToString())
    check_onnx_file(path)
    onnx.checker.check_model(str(path), full_check=True)


class _InOrder(nn.Module):
    """The graph with its inputs and outputs by place, as exporters take them."""

    def __init__(self, graph: ContextGraph, names: list[str]) -> None:
        super().__init__()
        self.tier = graph
        self.names = names

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.tier(dict(zip(self.names, tensors, strict=True))).values())


def _operators() -> dict[Any, Any]:
    """What the exporter does not know, in ONNX's own operators."""
    import onnxscript

    op: Any = onnxscript.opset18

    def suppression(boxes, scores, iou_threshold: float, max_num: int):
        # Boxes of score 0 are no candidates.
        return op.NonMaxSuppression(
            boxes,
            scores,
            op.Constant(value_ints=[max_num]),
            op.Constant(value_floats=[iou_threshold]),
            op.Constant(value_floats=[0.0]),
        )

    def attention(
        query,
        key,
        value,
        attn_mask=None,
        dropout_p: float = 0.0,
        is_causal: bool = False,
        scale: float | None = None,
        enable_gqa: bool = False,
    ):
        # The exporter's own takes four sides; attention over time has five.
        order = list(range(len(key.shape)))
        order[-2:] = reversed(order[-2:])
        scale = query.shape[-1] ** -0.5 if scale is None else scale
        query = op.Mul(query, op.Constant(value_float=scale))
        weights = op.MatMul(query, op.Transpose(key, perm=order))
        if attn_mask is not None:
            weights = op.Add(weights, attn_mask)
        return op.MatMul(op.Softmax(weights, axis=-1), value)

    return {
        torch.ops.maxsight_mm.non_max_suppression.default: suppression,
        torch.ops.aten.scaled_dot_product_attention.default: attention,
    }
