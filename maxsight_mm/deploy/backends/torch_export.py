"""The graph of scores as an exported program, or compiled ahead of time.

Needs torch alone; compiling also needs a C++ compiler. The package holds machine code
of the machine that made it, and paths of its compiler's files.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from maxsight_mm.models.detectors import MaxSightDetector

from .plain_graph import OUTPUT_NAMES, exported, target

GRAPH_NAME = 'scores.pt2'
COMPILED_NAME = 'scores.aot.pt2'


def convert(
    detector: MaxSightDetector,
    out_dir: str | Path,
    size: tuple[int, int],
    *,
    compiled: bool = False,
) -> Path:
    """Write ``scores.pt2``, or ``scores.aot.pt2`` with machine code.

    Args:
        detector: Any tier; its context stage is left behind.
        out_dir: Folder for the file.
        size: (H, W) of the input in pixels.
        compiled: Compile with AOT Inductor.

    Raises:
        ValueError: If the detector lacks a safety head, or the size does not fit.
    """
    program = exported(detector, size)
    if not compiled:
        path = target(out_dir, GRAPH_NAME)
        for node in program.graph.nodes:
            # It names the files of whoever exported.
            node.meta.pop('stack_trace', None)
        torch.export.save(program, path)
        return path
    from torch._inductor import aoti_compile_and_package

    path = target(out_dir, COMPILED_NAME)
    aoti_compile_and_package(program, package_path=str(path))
    return path


@torch.inference_mode()
def run(path: str | Path, images: np.ndarray) -> dict[str, np.ndarray]:
    """Outputs by name for (1, 3, H, W) float32 images."""
    model: Any
    if Path(path).name.endswith('.aot.pt2'):
        from torch._inductor import aoti_load_package

        model = aoti_load_package(str(path))
    else:
        model = torch.export.load(path).module()
    outputs = model(torch.from_numpy(images))
    return {
        name: value.numpy() for name, value in zip(OUTPUT_NAMES, outputs, strict=True)
    }
