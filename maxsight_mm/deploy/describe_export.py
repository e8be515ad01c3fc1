"""What ``deploy.json`` says of an export of ours, gathered from its sources."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mmengine.config import Config

from maxsight_mm import __version__
from maxsight_mm.inference import (
    ImagePreparation,
    classes_of,
    preparation_of_config,
)
from maxsight_mm.models.detectors import MaxSightDetector

from .artefact import Artefact, file_sha256
from .artefact_rules import DECODER_SETTINGS, SAFE_SCORES

# Of the coarsest level of the pyramid.
DYNAMIC_DIVISOR = 32
_PACKAGES = ('torch', 'mmdeploy', 'onnx', 'onnxruntime', 'openvino', 'coremltools')


def describe_export(
    detector: MaxSightDetector,
    config: Config,
    deploy_config: Config,
    checkpoint: str | Path,
    graph: str,
    input_size: tuple[int, int],
    preparation: ImagePreparation | None = None,
    notes: Mapping[str, Any] | None = None,
) -> Artefact:
    """The description of a graph that is about to be written.

    Args:
        detector: The exported model.
        config: Its config.
        deploy_config: One of ``configs/deploy``.
        checkpoint: File the weights came from.
        graph: Name of the graph in its folder.
        input_size: (H, W) in pixels that the graph was traced with.
        preparation: What is done to a picture before the graph sees it; by default
            what the config says.
        notes: Whatever else is to be said.
    """
    preparation = preparation or preparation_of_config(config)
    heads: dict[str, Any] = {head.task: head for head in detector.safety_heads}
    dynamic = deploy_config.get('size_range')
    # (W, H) that pictures of any size are resized to.
    scale = preparation.scale if dynamic else None
    return Artefact(
        backend=deploy_config.backend_config.type,
        precision=deploy_config.precision,
        kind=deploy_config.kind,
        graph=graph,
        input_size=input_size if scale is None else (scale[1], scale[0]),
        size_range=dynamic and (tuple(dynamic[0]), tuple(dynamic[1])),
        size_divisor=preparation.size_divisor,
        batch_size=None if dynamic else 1,
        keep_ratio=preparation.keep_ratio,
        mean=_triple(preparation.mean),
        std=_triple(preparation.std),
        bgr_to_rgb=preparation.bgr_to_rgb,
        pad_value=preparation.pad_value,
        classes=classes_of(config),
        test_cfg={name: getattr(detector.decoder, name) for name in DECODER_SETTINGS},
        min_safe_scores={task: heads[task].min_safe_score for task in SAFE_SCORES},
        model_config=Path(config.filename or 'config').stem,
        checkpoint_sha256=file_sha256(checkpoint),
        versions=dict(_versions(), maxsight_mm=__version__),
        notes=dict(notes or {}),
    )


def _triple(values: Any) -> tuple[float, float, float]:
    first, second, third = (float(value) for value in values)
    return first, second, third


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
