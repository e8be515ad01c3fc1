"""Which stages suffer from INT8, measured, and which of them to keep in float."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .decision_error import DecisionError
from .onnxruntime_int8 import OnnxRuntimeQuantizer
from .openvino_int8 import OpenVinoQuantizer

Quantizer = OnnxRuntimeQuantizer | OpenVinoQuantizer
# From a written graph to its error on pictures that set no ranges.
Judge = Callable[[Path], DecisionError]


@dataclass(frozen=True)
class Choice:
    """What was measured and what follows.

    Attributes:
        alone: Error with this stage alone in INT8.
        steps: Stages kept in float and the error of all others in INT8, in the order
            they were tried; the first keeps none.
        float_stages: The step that was taken.
    """

    alone: dict[str, DecisionError]
    steps: list[tuple[tuple[str, ...], DecisionError]]
    float_stages: tuple[str, ...]


def choose_float_stages(
    quantizer: Quantizer,
    judge: Judge,
    max_changed: float = 0.02,
    max_float_stages: int = 4,
) -> Choice:
    """Quantise one stage at a time, then all but the worst until it is good enough.

    Args:
        quantizer: Of the float graph.
        judge: Error of a written graph.
        max_changed: Share of changed decisions that ends the search.
        max_float_stages: Most stages kept in float.

    Returns:
        The choice: the first step that is good enough, otherwise the best one.
    """
    stages = list(quantizer.stages)
    alone = {
        stage: _error(quantizer, judge, [s for s in stages if s != stage])
        for stage in stages
    }
    order = sorted(stages, key=lambda stage: -alone[stage].cost)
    steps: list[tuple[tuple[str, ...], DecisionError]] = []
    for count in range(min(max_float_stages, len(order)) + 1):
        kept = tuple(order[:count])
        steps.append((kept, _error(quantizer, judge, kept)))
        if steps[-1][1].changed <= max_changed:
            break
    best = min(steps, key=lambda step: step[1].changed)
    if steps[-1][1].changed <= max_changed:
        best = steps[-1]
    return Choice(alone, steps, best[0])


def _error(
    quantizer: Quantizer, judge: Judge, float_stages: Collection[str]
) -> DecisionError:
    suffix = '.onnx' if quantizer.backend == 'onnxruntime' else '.xml'
    with TemporaryDirectory() as folder:
        path = quantizer.quantize(Path(folder) / f'scores{suffix}', float_stages)
        return judge(path)


def sensitivity_table(choice: Choice) -> str:
    """Markdown: each stage alone in INT8, worst first, then the steps."""
    rows = [
        '| in INT8 | changed % | score | box px | uncertainty |',
        '|---|---|---|---|---|',
    ]
    worst_first = sorted(choice.alone.items(), key=lambda item: -item[1].cost)
    named = [(f'{stage} alone', error) for stage, error in worst_first]
    named += [
        (f'all but {", ".join(kept)}' if kept else 'all', error)
        for kept, error in choice.steps
    ]
    rows += [
        f'| {name} | {100 * error.changed:.2f} | {error.score:.4f} '
        f'| {error.box_px:.2f} | {error.uncertainty:.4f} |'
        for name, error in named
    ]
    return '\n'.join(rows)
