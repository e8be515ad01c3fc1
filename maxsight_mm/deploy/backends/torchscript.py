"""The graph of scores as TorchScript, for C++ and older phones; needs torch alone."""

from pathlib import Path

import numpy as np
import torch

from maxsight_mm.models.detectors import MaxSightDetector

from .plain_graph import OUTPUT_NAMES, target, traced

GRAPH_NAME = 'scores.torchscript.pt'


def convert(
    detector: MaxSightDetector, out_dir: str | Path, size: tuple[int, int]
) -> Path:
    """Write a traced and frozen graph.

    Args:
        detector: Any tier; its context stage is left behind.
        out_dir: Folder for the file.
        size: (H, W) of the input in pixels.

    Raises:
        ValueError: If the detector lacks a safety head, or the size does not fit.
    """
    path = target(out_dir, GRAPH_NAME)
    torch.jit.freeze(traced(detector, size).eval()).save(str(path))
    return path


@torch.inference_mode()
def run(path: str | Path, images: np.ndarray) -> dict[str, np.ndarray]:
    """Outputs by name for (1, 3, H, W) float32 images."""
    outputs = torch.jit.load(str(path))(torch.from_numpy(images))
    return {
        name: value.numpy() for name, value in zip(OUTPUT_NAMES, outputs, strict=True)
    }
