"""From config and checkpoint to a folder with a graph, its description and proof."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from torch import Tensor

from maxsight_mm.datasets.safe_image import decode_bgr
from maxsight_mm.inference import (
    ImagePreparation,
    SafetyInferencer,
    SafetyRunner,
    load_detector,
    preparation_of_config,
)

from .artefact import read_artefact, write_artefact
from .backend_runner import BackendRunner
from .converters import ONNX_BACKENDS, backend_module, check_backend, convert_scores
from .deployed_safety_pass import (
    BACKENDS,
    DeployedSafetyPass,
    preparation_of_artefact,
)
from .describe_export import describe_export
from .onnx_export import export_onnx
from .parity import THRESHOLDS, check_parity
from .parity_report import ParityReport
from .quantization.quantize_safety_pass import quantize_safety_pass

ONNX_NAME = 'end2end.onnx'


def export_safety_pass(
    deploy_config: Config,
    config: Config,
    checkpoint: str | Path,
    image: str | Path,
    folder: str | Path,
) -> None:
    """Write the graph and ``deploy.json``.

    Args:
        deploy_config: One of ``configs/deploy``.
        config: Config the checkpoint was trained with.
        checkpoint: The weights.
        image: Picture whose input size a static graph gets, unless the deploy
            config names one.
        folder: Where the files go.

    Raises:
        FileNotFoundError: If the picture is missing.
        ValueError: If the checkpoint is of another model, the picture cannot be
            read, or there is no such export here.
    """
    backend_config = deploy_config.backend_config.to_dict()
    check_backend(backend_config['type'], deploy_config.kind)
    size = deploy_config.get('input_size')
    if deploy_config.precision == 'int8' and deploy_config.kind == 'scores':
        quantize_safety_pass(
            config, checkpoint, folder, backend_config['type'], size=size
        )
        return
    detector = load_detector(config, checkpoint)
    images = _input(_preparation(config, deploy_config), image)
    height, width = images.shape[2:]
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if deploy_config.kind == 'detections':
        graph = ONNX_NAME
        export_onnx(detector, images, deploy_config, folder / graph)
    else:
        graph = convert_scores(backend_config, detector, folder, (height, width))
    artefact = describe_export(
        detector, config, deploy_config, checkpoint, graph, (height, width)
    )
    write_artefact(folder, artefact)


def prove_export(
    folder: str | Path,
    config: Config,
    checkpoint: str | Path,
    images: Sequence[str | Path],
) -> ParityReport | None:
    """Compare an exported folder with PyTorch and write ``parity.json``.

    Returns:
        The report; ``None`` where the graph's runtime is not one that runs here.
    """
    artefact = read_artefact(folder)
    thresholds = THRESHOLDS[artefact.precision]
    candidate: SafetyRunner
    if artefact.backend in BACKENDS:
        candidate = DeployedSafetyPass(folder)
    elif artefact.backend in ONNX_BACKENDS:
        # The engine is built elsewhere; what is proved is the graph it is built from.
        candidate = DeployedSafetyPass(folder, backend='onnxruntime')
        thresholds = THRESHOLDS['fp32']
    elif _has_scores(artefact.backend):
        candidate = BackendRunner(folder)
    else:
        return None
    reference = SafetyInferencer(
        config, checkpoint, preparation=preparation_of_artefact(artefact)
    )
    report = check_parity(reference, candidate, images, thresholds)
    report.write(folder)
    return report


def _has_scores(backend: str) -> bool:
    """Whether a backend runs here and answers scores; ncnn answers raw logits."""
    return backend != 'ncnn' and hasattr(backend_module(backend), 'run')


def _preparation(config: Config, deploy_config: Config) -> ImagePreparation:
    preparation = preparation_of_config(config)
    size = deploy_config.get('input_size')
    if size is None or deploy_config.get('size_range') is not None:
        return preparation
    return replace(preparation, fixed_size=tuple(size))


def _input(preparation: ImagePreparation, path: str | Path) -> Tensor:
    """(1, 3, H, W) float32, normalised."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'picture {path} does not exist')
    pixels = preparation(decode_bgr(path.read_bytes(), str(path)), str(path)).pixels
    return torch.from_numpy(np.ascontiguousarray(pixels))[None]
