"""The graph of scores in the form that converters take."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from maxsight_mm.models.detectors import MaxSightDetector

from ..safety_graph import SafetyScores, SafetyScoresGraph

INPUT_NAME = 'input'
OUTPUT_NAMES = SafetyScores._fields
# Of the coarsest level: a smaller input has levels that do not fit one another.
_DIVISOR = 32


class PlainScores(nn.Module):
    """:class:`SafetyScoresGraph` as a tuple, on a copy of the detector.

    Converters neither serialise a named tuple nor read channels-last weights.

    Args:
        detector: Any tier; it is not changed.

    Raises:
        ValueError: If the detector lacks a safety head.
    """

    def __init__(self, detector: MaxSightDetector) -> None:
        super().__init__()
        scores = SafetyScoresGraph(detector)
        copied: Any = deepcopy(scores).cpu()
        self.scores = copied.to(memory_format=torch.contiguous_format)
        self.requires_grad_(False).eval()

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.scores(images))


def example_images(size: tuple[int, int], batch: int = 1) -> Tensor:
    """Noise (B, 3, H, W) float that looks like normalised images.

    Raises:
        ValueError: If a side is no multiple of 32 above 0.
    """
    if len(size) != 2 or any(side <= 0 or side % _DIVISOR for side in size):
        raise ValueError(f'size must be (H, W) in multiples of {_DIVISOR}, got {size}')
    generator = torch.Generator().manual_seed(0)
    return torch.randn(batch, 3, *size, generator=generator)


def traced(detector: MaxSightDetector, size: tuple[int, int]) -> torch.jit.ScriptModule:
    """The graph as TorchScript with one input size."""
    images = example_images(size)
    with torch.no_grad():
        return torch.jit.trace(PlainScores(detector), images)


def exported(
    detector: MaxSightDetector, size: tuple[int, int]
) -> torch.export.ExportedProgram:
    """The graph as an exported program with one input size."""
    return torch.export.export(PlainScores(detector), (example_images(size),))


def target(out_dir: str | Path, name: str) -> Path:
    """A path in a folder that exists from now on."""
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


@contextmanager
def extra_needed(package: str, extra: str) -> Iterator[None]:
    """Name the extra where an import inside the block fails.

    Raises:
        ImportError: If it does.
    """
    try:
        yield
    except ImportError as error:
        raise ImportError(
            f'{package} is not installed: pip install "maxsight_mm[{extra}]"'
        ) from error
