"""The graph of scores as TorchScript, for C++ and older phones; needs torch alone."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from maxsight_mm.models.detectors import MaxSightDetector

from .plain_graph import OUTPUT_NAMES, target, traced

GRAPH_NAME = 'scores.torchscript.pt'
# Written anew with every file, like its version.
_SERIAL = '.data/serialization_id'


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
    with TemporaryDirectory() as folder:
        whole = Path(folder) / GRAPH_NAME
        torch.jit.freeze(traced(detector, size).eval()).save(str(whole))
        _copy_without_sources(whole, path)
    return path


def _copy_without_sources(whole: Path, path: Path) -> None:
    """A copy without the records of source lines, which name the exporter's files.

    The weights keep their alignment: every record is padded like the original.
    """
    reader = torch._C.PyTorchFileReader(str(whole))
    writer = torch._C.PyTorchFileWriter(str(path))
    for name in reader.get_all_records():
        if not name.endswith('.debug_pkl') and name not in ('version', _SERIAL):
            data = reader.get_record(name)
            writer.write_record(name, data, len(data))
    writer.write_end_of_file()


@torch.inference_mode()
def run(path: str | Path, images: np.ndarray) -> dict[str, np.ndarray]:
    """Outputs by name for (1, 3, H, W) float32 images."""
    outputs = torch.jit.load(str(path))(torch.from_numpy(images))
    return {
        name: value.numpy() for name, value in zip(OUTPUT_NAMES, outputs, strict=True)
    }
