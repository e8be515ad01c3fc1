"""The graph of scores as ONNX, by torch's exporter; needs the extra ``export``."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from maxsight_mm.models.detectors import MaxSightDetector

from ..quiet_export import drop_notes, quiet_export
from ..sessions import OnnxRuntimeSession
from .plain_graph import (
    INPUT_NAME,
    OUTPUT_NAMES,
    PlainScores,
    example_images,
    extra_needed,
    target,
)

GRAPH_NAME = 'scores.onnx'
OPSET = 18
# Which module a node came from; the exporter's other notes quote its source files.
SCOPES = 'pkg.torch.onnx.name_scopes'


def convert(
    detector: MaxSightDetector,
    out_dir: str | Path,
    size: tuple[int, int],
    *,
    dynamic_batch: bool = False,
) -> Path:
    """Write ``scores.onnx``.

    Args:
        detector: Any tier; its context stage is left behind.
        out_dir: Folder for the file.
        size: (H, W) of the input in pixels.
        dynamic_batch: Take any number of images.

    Raises:
        ImportError: Without the extra.
        ValueError: If the detector lacks a safety head, or the size does not fit.
    """
    graph = export_onnx_graph(
        PlainScores(detector),
        example_images(size, 2 if dynamic_batch else 1),
        OUTPUT_NAMES,
        dynamic_batch,
    )
    path = target(out_dir, GRAPH_NAME)
    path.write_bytes(graph.SerializeToString())
    return path


def export_onnx_graph(
    module: torch.nn.Module,
    images: torch.Tensor,
    output_names: tuple[str, ...],
    dynamic_batch: bool = False,
) -> Any:
    """Any module of one image tensor as an ``onnx.ModelProto``.

    Args:
        module: In evaluation mode, with contiguous weights.
        images: (B, 3, H, W) float.
        output_names: Names of its outputs.
        dynamic_batch: Keep B variable.

    Raises:
        ImportError: Without the extra.
    """
    with extra_needed('onnx', 'export'):
        import onnx
        import onnxscript  # noqa: F401
    shapes = ({0: torch.export.Dim('batch', min=1, max=64)},) if dynamic_batch else None
    with quiet_export():
        program = torch.onnx.export(
            module,
            (images,),
            dynamo=True,
            input_names=[INPUT_NAME],
            output_names=list(output_names),
            opset_version=OPSET,
            dynamic_shapes=shapes,
            verbose=False,
        )
    assert program is not None
    graph = program.model_proto
    drop_notes(graph, kept=(SCOPES,))
    onnx.checker.check_model(graph)
    return graph


def run(path: str | Path, images: np.ndarray) -> dict[str, np.ndarray]:
    """Outputs by name for (B, 3, H, W) float32 images, by ONNX Runtime."""
    return OnnxRuntimeSession(Path(path), INPUT_NAME)(images)
