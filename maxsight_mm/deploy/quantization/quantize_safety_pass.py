"""From config and checkpoint to a folder with an INT8 graph and what it cost."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config

from maxsight_mm.inference import load_detector
from maxsight_mm.models.detectors import MaxSightDetector

from ..artefact import Artefact, write_artefact
from ..artefact_rules import DECODER_SETTINGS, SAFE_SCORES
from ..backends.onnx_scores import export_onnx_graph
from ..backends.plain_graph import OUTPUT_NAMES, PlainScores, example_images
from ..describe_export import describe_export
from ..export_target import QUANTIZATION_NAME
from .calibration import prepared_batch, static_preparation, training_pictures
from .decision_error import DecisionError, decision_error
from .fold_level_norms import fold_level_norms
from .onnxruntime_int8 import GRAPH_NAME as ONNX_NAME
from .onnxruntime_int8 import OnnxRuntimeQuantizer
from .openvino_int8 import GRAPH_NAME as OPENVINO_NAME
from .openvino_int8 import OpenVinoQuantizer
from .sensitivity import Choice, Quantizer, choose_float_stages

_QUANTIZERS: dict[str, tuple[type[Quantizer], str]] = {
    'onnxruntime': (OnnxRuntimeQuantizer, ONNX_NAME),
    'openvino': (OpenVinoQuantizer, OPENVINO_NAME),
}
BACKENDS = tuple(_QUANTIZERS)


def quantize_safety_pass(
    config: Config,
    checkpoint: str | Path,
    folder: str | Path,
    backend: str = 'onnxruntime',
    *,
    size: tuple[int, int] | None = None,
    images: int = 64,
    judged_images: int = 64,
    seed: int = 0,
    max_changed: float = 0.02,
    max_float_stages: int = 4,
) -> tuple[Artefact, Choice]:
    """Calibrate, measure every stage, keep the worst in float, write the folder.

    Args:
        config: Config the checkpoint was trained with.
        checkpoint: The weights.
        folder: Where the files go.
        backend: ``onnxruntime`` or ``openvino``.
        size: (H, W) of the input; by default that of the test pipeline.
        images: Training pictures that ranges are taken from.
        judged_images: Further training pictures that errors are measured on.
        seed: Of their draw.
        max_changed: Share of changed decisions that is good enough.
        max_float_stages: Most stages kept in float.

    Returns:
        The description in ``deploy.json`` and the choice in ``quantization.json``.

    Raises:
        FileNotFoundError: If the data is missing.
        ImportError: Without the extra ``export``.
        ValueError: If a number is out of range, there are too few pictures, or the
            checkpoint is of another model.
    """
    if backend not in _QUANTIZERS:
        raise ValueError(f'no INT8 for {backend!r}: one of {", ".join(BACKENDS)}')
    if min(images, judged_images) < 1:
        raise ValueError('at least 1 picture to calibrate with and 1 to judge by')
    if max_float_stages < 0:
        raise ValueError(f'max_float_stages must be 0 or more, got {max_float_stages}')
    detector = load_detector(config, checkpoint)
    preparation = static_preparation(config, size)
    assert preparation.fixed_size is not None
    paths = training_pictures(config, images + judged_images, seed)
    if len(paths) <= images:
        raise ValueError(
            f'{len(paths)} training pictures leave none to judge by: --images below it'
        )
    graph = folded_graph(detector, preparation.fixed_size)
    kind, name = _QUANTIZERS[backend]
    quantizer = kind(graph, prepared_batch(paths[:images], preparation))
    judge = _judge(
        quantizer,
        prepared_batch(paths[images:], preparation),
        detector,
        preparation.fixed_size,
    )
    choice = choose_float_stages(quantizer, judge, max_changed, max_float_stages)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    quantizer.quantize(folder / name, choice.float_stages)
    described = Config(
        dict(backend_config=dict(type=backend), precision='int8', kind='scores')
    )
    artefact = describe_export(
        detector,
        config,
        described,
        checkpoint,
        name,
        preparation.fixed_size,
        preparation,
    )
    artefact = write_artefact(folder, artefact)
    report = dict(
        asdict(choice), images=images, judged_images=len(paths) - images, seed=seed
    )
    (folder / QUANTIZATION_NAME).write_text(json.dumps(report, indent=2) + '\n')
    return artefact, choice


def folded_graph(detector: MaxSightDetector, size: tuple[int, int]) -> Any:
    """``onnx.ModelProto`` of the scores with every norm inside a convolution.

    Raises:
        ImportError: Without the extra ``export``.
        ValueError: If the detector lacks a safety head, or the size does not fit.
    """
    return export_onnx_graph(
        fold_level_norms(PlainScores(detector)), example_images(size), OUTPUT_NAMES
    )


def _judge(
    quantizer: Quantizer,
    images: list[np.ndarray],
    detector: MaxSightDetector,
    size: tuple[int, int],
) -> Callable[[Path], DecisionError]:
    """Error of a graph against the float graph in the same runtime."""
    heads: dict[str, Any] = {head.task: head for head in detector.safety_heads}
    settings = {name: getattr(detector.decoder, name) for name in DECODER_SETTINGS}
    safe_scores = {task: heads[task].min_safe_score for task in SAFE_SCORES}
    reference: list[dict[str, np.ndarray]] = []

    def judge(path: Path) -> DecisionError:
        if not reference:
            float_path = quantizer.quantize(
                path.with_stem('float'), list(quantizer.stages)
            )
            reference.extend(map(quantizer.load(float_path), images))
        found = list(map(quantizer.load(path), images))
        return decision_error(reference, found, size, settings, safe_scores)

    return judge
