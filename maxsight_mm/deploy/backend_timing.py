"""Stage A in several runtimes, taking turns on one input.

Weights are random and INT8 ranges come from noise: time depends on neither. The norms
of the towers are folded in the float graphs, too; ``scores.onnx`` keeps them. A large
matrix product takes its turn as well, in each library, so that every run has beside it
the speed the same cores had in the same seconds; of the libraries the fastest counts.
"""

import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from maxsight_mm.engine.step_timing import Step, interleaved_ms, median_ratio
from maxsight_mm.models.detectors import MaxSightDetector

from .backends.onnx_scores import export_onnx_graph
from .backends.plain_graph import INPUT_NAME, OUTPUT_NAMES, PlainScores, example_images
from .matrix_product import PRODUCT_SIDE, products, session_step, torch_step
from .quantization.fold_level_norms import fold_level_norms
from .quantization.onnxruntime_int8 import OnnxRuntimeQuantizer
from .quantization.openvino_int8 import OpenVinoQuantizer
from .safety_graph import SafetyScoresGraph
from .sessions import OnnxRuntimeSession, OpenVinoSession

FLOAT_BACKENDS = ('eager', 'compiled', 'onnxruntime', 'openvino')
BACKENDS = (*FLOAT_BACKENDS, 'int8-onnxruntime', 'int8-openvino')
_CALIBRATION_IMAGES = 4


@dataclass(frozen=True)
class BackendTime:
    """Of one backend.

    Attributes:
        median_ms: Median time of a run.
        p99_ms: 99th percentile; of fewer than 100 rounds nearly the slowest.
        ratio: Median over the rounds of the first backend's time by this one's.
        peak_share: Median over the rounds of its operations a second by those of the
            fastest matrix product in float32.
        file_mb: Size of the graph in 10^6 bytes, ``None`` without one.
    """

    median_ms: float
    p99_ms: float
    ratio: float
    peak_share: float
    file_mb: float | None


class PeerHeads(nn.Module):
    """Raw head outputs of an mmdet one-stage detector, flat."""

    def __init__(self, detector: Any) -> None:
        super().__init__()
        self.detector = detector.eval()

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        outputs = self.detector.bbox_head(self.detector.extract_feat(images))
        return tuple(level for levels in outputs for level in levels)


def pin(threads: int) -> None:
    """Keep this process on as many cores as it may have threads.

    Raises:
        ValueError: If there are fewer cores.
    """
    if hasattr(os, 'sched_getaffinity'):
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < threads:
            raise ValueError(f'{threads} threads on {len(cores)} cores')
        os.sched_setaffinity(0, cores[:threads])
    torch.set_num_threads(threads)


def operations(module: nn.Module, images: torch.Tensor) -> int:
    """Multiplications and additions of convolutions and matrix products."""
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        module(images)
    return counter.get_total_flops()


def backend_steps(
    model: Any,
    backends: Sequence[str],
    size: tuple[int, int],
    threads: int,
    folder: Path,
) -> tuple[dict[str, tuple[Step, float | None]], int]:
    """A run of each backend and the size of its file in MB, and the operations.

    Args:
        model: A tier's detector, or an mmdet one-stage detector (float only).
        backends: Some of ``BACKENDS``.
        size: (H, W) of the input.
        threads: Of each runtime.
        folder: Where graphs go.

    Raises:
        ImportError: If a runtime is not installed.
        ValueError: If a backend is unknown, or INT8 is asked of a foreign detector.
    """
    if unknown := set(backends) - set(BACKENDS):
        raise ValueError(f'unknown backends {sorted(unknown)}: there are {BACKENDS}')
    own = isinstance(model, MaxSightDetector)
    if not own and (int8 := set(backends) - set(FLOAT_BACKENDS)):
        raise ValueError(f'no {", ".join(sorted(int8))} of a {type(model).__name__}')
    images = example_images(size)
    eager = SafetyScoresGraph(model) if own else PeerHeads(model)
    count = operations(eager, images)
    folder.mkdir(parents=True, exist_ok=True)
    graph: Any = None
    if any(name not in ('eager', 'compiled') for name in backends):
        plain = fold_level_norms(PlainScores(model)) if own else eager
        with torch.no_grad():
            names = (
                OUTPUT_NAMES if own else [f'out{i}' for i in range(len(eager(images)))]
            )
        graph = export_onnx_graph(plain, images, tuple(names))
        (folder / 'float.onnx').write_bytes(graph.SerializeToString())
    steps: dict[str, tuple[Step, float | None]] = {}
    for name in backends:
        if name in ('eager', 'compiled'):
            steps[name] = (torch_step(eager, images, name == 'compiled'), None)
            continue
        path = folder / 'float.onnx'
        if name.startswith('int8'):
            path = _quantized(name, graph, size, folder)
        session: Any = (
            OnnxRuntimeSession(path, INPUT_NAME, threads=threads)
            if name.endswith('onnxruntime')
            else OpenVinoSession(
                path,
                INPUT_NAME,
                threads=threads,
                precision='int8' if name.startswith('int8') else 'fp32',
            )
        )
        files = [path, path.with_suffix('.bin')]
        megabytes = sum(p.stat().st_size for p in files if p.is_file()) / 1e6
        steps[name] = (session_step(session, images.numpy()), megabytes)
    return steps, count


def time_backends(
    steps: Mapping[str, tuple[Step, float | None]],
    counts: Mapping[str, int],
    rounds: int,
    threads: int,
) -> tuple[dict[str, BackendTime], float]:
    """Let all take turns.

    Args:
        steps: Runs by name with the size of their file; the first is compared with.
        counts: Operations of each run.
        rounds: Counted rounds.
        threads: Of the matrix product.

    Returns:
        Times by name, and the median speed of the fastest product in GFLOP/s.
    """
    product_count = 2 * PRODUCT_SIDE**3
    runs = [step for step, _ in steps.values()]
    times = interleaved_ms([*runs, *products(threads)], rounds)
    first, product_ms = times[0], np.min(times[len(runs) :], axis=0)
    found = {}
    for (name, (_, megabytes)), own in zip(steps.items(), times, strict=False):
        shares = [
            counts[name] / mine / (product_count / peak)
            for mine, peak in zip(own, product_ms, strict=True)
        ]
        found[name] = BackendTime(
            median_ms=statistics.median(own),
            p99_ms=float(np.percentile(own, 99)),
            ratio=median_ratio(first, own),
            peak_share=statistics.median(shares),
            file_mb=megabytes,
        )
    return found, product_count / float(np.median(product_ms)) / 1e6


def _quantized(name: str, graph: Any, size: tuple[int, int], folder: Path) -> Path:
    noise = np.random.default_rng(0)
    images = [
        noise.standard_normal((1, 3, *size)).astype(np.float32)
        for _ in range(_CALIBRATION_IMAGES)
    ]
    if name == 'int8-onnxruntime':
        return OnnxRuntimeQuantizer(graph, images).quantize(folder / 'int8.onnx')
    return OpenVinoQuantizer(graph, images).quantize(folder / 'int8.xml')
