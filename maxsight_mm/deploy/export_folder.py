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
from .backends.ncnn import OUTPUT_NAMES as RAW_LOGITS
from .context_graph import ContextGraph
from .context_onnx import export_context_onnx
from .converters import ONNX_BACKENDS, backend_module, convert_scores
from .deploy_config_check import check_deploy_config
from .deployed_safety_pass import (
    BACKENDS,
    DeployedSafetyPass,
    preparation_of_artefact,
)
from .deployed_tier import DeployedTier
from .describe_export import DYNAMIC_DIVISOR, describe_export
from .export_target import new_export
from .onnx_export import export_onnx
from .parity import THRESHOLDS, check_parity
from .parity_report import ParityReport
from .quantization.quantize_safety_pass import quantize_safety_pass
from .tensorrt_limits import check_for_tensorrt
from .tier_parity import TierParity, check_tier

ONNX_NAME = 'end2end.onnx'
TIER_NAME = 'tier.onnx'


def export_safety_pass(
    deploy_config: Config,
    config: Config,
    checkpoint: str | Path,
    image: str | Path,
    folder: str | Path,
) -> None:
    """Write the graph and ``deploy.json``, or nothing.

    Args:
        deploy_config: One of ``configs/deploy``.
        config: Config the checkpoint was trained with.
        checkpoint: The weights.
        image: Picture whose input size a static graph gets, unless the deploy
            config names one.
        folder: Where the files go; an earlier export there is replaced.

    Raises:
        FileNotFoundError: If the picture is missing.
        ValueError: If the checkpoint is of another model, the picture cannot be
            read or does not fit the graph's sizes, the folder holds other files, or
            there is no such export here.
    """
    check_deploy_config(deploy_config)
    backend = deploy_config.backend_config.type
    preparation = _preparation(config, deploy_config)
    images = _input(preparation, image)
    with new_export(folder) as place:
        try:
            _export(deploy_config, config, Path(checkpoint), preparation, images, place)
        except ImportError as error:
            raise ValueError(f'no export to {backend} here: {error}') from error


def _export(
    deploy_config: Config,
    config: Config,
    checkpoint: Path,
    preparation: ImagePreparation,
    images: Tensor,
    place: Path,
) -> None:
    backend_config = deploy_config.backend_config.to_dict()
    if deploy_config.precision == 'int8' and deploy_config.kind == 'scores':
        height, width = images.shape[2:]
        quantize_safety_pass(
            config, checkpoint, place, backend_config['type'], size=(height, width)
        )
        return
    detector = load_detector(config, checkpoint)
    height, width = images.shape[2:]
    notes = {}
    if deploy_config.kind == 'detections':
        graph = ONNX_NAME
        export_onnx(detector, images, deploy_config, place / graph)
        if backend_config['type'] == 'tensorrt':
            check_for_tensorrt(place / graph)
    elif deploy_config.kind == 'full':
        graph = TIER_NAME
        tier = ContextGraph(detector)
        export_context_onnx(tier, (height, width), place / graph)
        notes = dict(memory=tier.memory_names, left_out=tier.left_out)
    else:
        graph = convert_scores(backend_config, detector, place, (height, width))
        if backend_config['type'] == 'ncnn':
            notes = dict(raw_logits=list(RAW_LOGITS))
    artefact = describe_export(
        detector,
        config,
        deploy_config,
        checkpoint,
        graph,
        (height, width),
        preparation,
        notes,
    )
    write_artefact(place, artefact)


def prove_export(
    folder: str | Path,
    config: Config,
    checkpoint: str | Path,
    images: Sequence[str | Path],
) -> ParityReport | TierParity | None:
    """Compare an exported folder with PyTorch and write ``parity.json``.

    Returns:
        The report; ``None`` where the graph's runtime is not one that runs here.

    Raises:
        ValueError: If the runtime's package is missing.
    """
    try:
        return _prove(folder, config, checkpoint, images)
    except ImportError as error:
        raise ValueError(f'{folder} is written, not compared: {error}') from error


def _prove(
    folder: str | Path,
    config: Config,
    checkpoint: str | Path,
    images: Sequence[str | Path],
) -> ParityReport | TierParity | None:
    artefact = read_artefact(folder)
    thresholds = THRESHOLDS[artefact.precision]
    candidate: SafetyRunner
    if artefact.kind == 'full':
        candidate = DeployedTier(folder)
    elif artefact.backend in BACKENDS:
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
    proof: ParityReport | TierParity = report
    if isinstance(candidate, DeployedTier):
        tier = ContextGraph(load_detector(config, checkpoint))
        pictures = [decode_bgr(Path(x).read_bytes(), str(x)) for x in images]
        proof = check_tier(tier, candidate, pictures, report)
    proof.write(folder)
    return proof


def _has_scores(backend: str) -> bool:
    """Whether a backend runs here and answers scores; ncnn answers raw logits."""
    return backend != 'ncnn' and hasattr(backend_module(backend), 'run')


def _preparation(config: Config, deploy_config: Config) -> ImagePreparation:
    preparation = preparation_of_config(config)
    size = deploy_config.get('input_size')
    dynamic = deploy_config.get('size_range')
    if dynamic is None:
        fixed = None if size is None else tuple(size)
        if fixed and any(side % DYNAMIC_DIVISOR for side in fixed):
            raise ValueError(
                f'input_size must be (H, W) in multiples of {DYNAMIC_DIVISOR}, '
                f'got {fixed}'
            )
        return replace(preparation, fixed_size=fixed)
    scale = preparation.scale if size is None else (size[1], size[0])
    if scale is None:
        raise ValueError(
            'a graph of dynamic size needs a Resize in the test pipeline, or '
            'input_size in the deploy config'
        )
    return replace(
        preparation,
        scale=scale,
        size_divisor=max(preparation.size_divisor, DYNAMIC_DIVISOR),
        size_range=(tuple(dynamic[0]), tuple(dynamic[1])),
    )


def _input(preparation: ImagePreparation, path: str | Path) -> Tensor:
    """(1, 3, H, W) float32, normalised."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'picture {path} does not exist')
    pixels = preparation(decode_bgr(path.read_bytes(), str(path)), str(path)).pixels
    return torch.from_numpy(np.ascontiguousarray(pixels))[None]
