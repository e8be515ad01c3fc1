"""The heads' raw logits as ncnn files, by pnnx; needs the extra ``edge``.

ncnn has no batch, comparison or argmax, so this graph ends earlier than the others:
at the logits of the location heads and of the urgency. The uncertainty head, which
counts scores above thresholds, is left behind.
"""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from maxsight_mm.models.detectors import MaxSightDetector

from .plain_graph import PlainScores, example_images, extra_needed, target

GRAPH_NAME = 'raw_heads.ncnn.param'
LOCATION_TASKS = ('objectness', 'classification', 'box', 'distance', 'object_urgency')
OUTPUT_NAMES = (*LOCATION_TASKS, 'urgency')


class RawHeads(nn.Module):
    """(1, 3, H, W) -> (1, K, N) logits of each location head, (1, 4) of the urgency.

    ``box`` are log distances to the four sides in strides.

    Raises:
        ValueError: If the detector lacks a safety head.
    """

    def __init__(self, detector: MaxSightDetector) -> None:
        super().__init__()
        scores: Any = PlainScores(detector).scores
        self.safety_pass = scores.safety_pass
        heads = {head.task: head for head in scores.safety_heads}
        self.towers = [heads[task].inputs[0] for task in LOCATION_TASKS]
        self.predictors = nn.ModuleList(heads[t].predictor for t in LOCATION_TASKS)
        self.urgency = heads['urgency'].mlp
        self.eval()

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        features = self.safety_pass(images)
        outputs = []
        for tower, predictor in zip(self.towers, self.predictors, strict=True):
            # (1, K, H, W) of each level -> (1, K, N)
            levels = [predictor(level).flatten(2) for level in features[tower]]
            outputs.append(torch.cat(levels, dim=2))
        return (*outputs, self.urgency(features['pooled']))


def convert(
    detector: MaxSightDetector,
    out_dir: str | Path,
    size: tuple[int, int],
    *,
    half: bool = False,
) -> Path:
    """Write ``raw_heads.ncnn.param`` and ``raw_heads.ncnn.bin``.

    Args:
        detector: Any tier; its context stage is left behind.
        out_dir: Folder for the files.
        size: (H, W) of the input in pixels.
        half: Store the weights in half precision.

    Raises:
        ImportError: Without the extra.
        ValueError: If the detector lacks a safety head, the size does not fit, or
            pnnx fails.
    """
    with extra_needed('pnnx', 'edge'):
        import pnnx
    path = target(out_dir, GRAPH_NAME).resolve()
    with TemporaryDirectory() as folder:
        script = Path(folder) / 'raw_heads.pt'
        with torch.no_grad():
            trace = torch.jit.trace(RawHeads(detector), example_images(size))
        trace.save(str(script))
        # Its other files stay in the temporary folder.
        done = subprocess.run(
            [
                pnnx.EXEC_PATH,
                script.name,
                f'inputshape=[1,3,{size[0]},{size[1]}]',
                f'fp16={int(half)}',
                f'ncnnparam={path}',
                f'ncnnbin={path.with_suffix(".bin")}',
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode or not path.is_file():
        raise ValueError(f'pnnx failed: {(done.stderr.strip() or "no message")[-200:]}')
    return path


def run(path: str | Path, images: np.ndarray) -> dict[str, np.ndarray]:
    """Raw logits by task for (1, 3, H, W) float32 images, computed in float32.

    Raises:
        ImportError: Without the extra.
        ValueError: If ncnn cannot load the files.
    """
    with extra_needed('ncnn', 'edge'):
        import ncnn
    path = Path(path)
    with ncnn.Net() as net:
        for name in ('use_fp16_packed', 'use_fp16_storage', 'use_fp16_arithmetic'):
            setattr(net.opt, name, False)
        net.opt.use_bf16_storage = False
        weights = path.with_suffix('.bin')
        if net.load_param(str(path)) or net.load_model(str(weights)):
            raise ValueError(f'{path} cannot be loaded by ncnn')
        with net.create_extractor() as extractor:
            extractor.input('in0', ncnn.Mat(np.ascontiguousarray(images[0])).clone())
            outputs: dict[str, np.ndarray] = {}
            for index, name in enumerate(OUTPUT_NAMES):
                # ncnn drops the batch.
                values = np.array(extractor.extract(f'out{index}')[1])
                outputs[name] = values.reshape((1, -1, values.shape[-1]))
            outputs['urgency'] = outputs['urgency'].reshape(1, -1)
    return outputs
