"""The graph of scores as OpenVINO IR; needs the extra ``export``."""

from pathlib import Path

import numpy as np

from maxsight_mm.models.detectors import MaxSightDetector

from ..sessions import OpenVinoSession
from . import onnx_scores
from .plain_graph import INPUT_NAME, extra_needed

GRAPH_NAME = 'scores.xml'


def convert(
    detector: MaxSightDetector,
    out_dir: str | Path,
    size: tuple[int, int],
    *,
    half: bool = False,
) -> Path:
    """Write ``scores.xml`` with ``scores.bin`` beside it.

    Args:
        detector: Any tier; its context stage is left behind.
        out_dir: Folder for the files.
        size: (H, W) of the input in pixels.
        half: Store the weights in half precision.

    Raises:
        ImportError: Without the extra.
        ValueError: If the detector lacks a safety head, or the size does not fit.
    """
    with extra_needed('OpenVINO', 'export'):
        import openvino
    onnx_path = onnx_scores.convert(detector, out_dir, size)
    model = openvino.convert_model(onnx_path)
    path = onnx_path.with_name(GRAPH_NAME)
    openvino.save_model(model, path, compress_to_fp16=half)
    onnx_path.unlink()
    return path


def run(path: str | Path, images: np.ndarray) -> dict[str, np.ndarray]:
    """Outputs by name for (1, 3, H, W) float32 images, computed in float32."""
    return OpenVinoSession(Path(path), INPUT_NAME)(images)
