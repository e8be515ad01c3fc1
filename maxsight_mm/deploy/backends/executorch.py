"""The graph of scores as an ExecuTorch program for phones; needs the extra ``edge``."""

from pathlib import Path

import numpy as np
import torch

from maxsight_mm.models.detectors import MaxSightDetector

from ..quantization.fold_level_norms import fold_level_norms
from .plain_graph import (
    OUTPUT_NAMES,
    PlainScores,
    example_images,
    extra_needed,
    target,
)

GRAPH_NAME = 'scores.pte'


def convert(
    detector: MaxSightDetector, out_dir: str | Path, size: tuple[int, int]
) -> Path:
    """Write ``scores.pte``, its convolutions in XNNPACK, float32.

    Args:
        detector: Any tier; its context stage is left behind.
        out_dir: Folder for the file.
        size: (H, W) of the input in pixels.

    Raises:
        ImportError: Without the extra.
        ValueError: If the detector lacks a safety head, or the size does not fit.
    """
    with extra_needed('ExecuTorch', 'edge'):
        import executorch.exir
        from executorch.backends.xnnpack.partition.xnnpack_partitioner import (
            XnnpackPartitioner,
        )
    # It folds each level's norm into the one convolution that the levels share, and
    # all levels get the last: every level needs a convolution of its own.
    folded = fold_level_norms(PlainScores(detector))
    edge = executorch.exir.to_edge_transform_and_lower(
        torch.export.export(folded, (example_images(size),)),
        partitioner=[XnnpackPartitioner()],
    )
    path = target(out_dir, GRAPH_NAME)
    path.write_bytes(edge.to_executorch().buffer)
    return path


def run(path: str | Path, images: np.ndarray) -> dict[str, np.ndarray]:
    """Outputs by name for (1, 3, H, W) float32 images.

    Raises:
        ImportError: Without the extra.
    """
    with extra_needed('ExecuTorch', 'edge'):
        from executorch.runtime import Runtime
    method = Runtime.get().load_program(str(path)).load_method('forward')
    outputs = method.execute([torch.from_numpy(images)])
    # Copies: the method writes its next answer into the same memory.
    return {
        name: value.clone().numpy()
        for name, value in zip(OUTPUT_NAMES, outputs, strict=True)
    }
