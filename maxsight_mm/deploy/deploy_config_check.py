"""A deploy config is refused before anything is built, in one line."""

from collections.abc import Mapping
from typing import Any

from .artefact_rules import KINDS
from .converters import check_backend

# Precisions by kind and backend: what the graph holds, or the engine it is made for.
_PRECISIONS = {
    ('detections', 'onnxruntime'): ('fp32',),
    ('detections', 'openvino'): ('fp32',),
    ('detections', 'tensorrt'): ('fp32', 'fp16', 'int8'),
    ('scores', 'onnxruntime'): ('fp32', 'int8'),
    ('scores', 'openvino'): ('fp32', 'fp16', 'int8'),
    ('scores', 'coreml'): ('fp32', 'fp16'),
    ('scores', 'ncnn'): ('fp32', 'fp16'),
}
# Backends whose weights are halved by ``half``, and whether they are if it is absent.
_HALVED = {'openvino': False, 'coreml': True, 'ncnn': False}
# What mmdeploy and our rewriters read without a default.
_OF_DETECTIONS = {
    'ir_config': ('input_names', 'output_names'),
    'codebase_config': ('type', 'task', 'post_processing'),
}


def check_deploy_config(config: Mapping[str, Any]) -> None:
    """Look at the entries that an export reads.

    Raises:
        ValueError: Naming the first that is missing or makes no export.
    """
    backend_config = config.get('backend_config')
    if not isinstance(backend_config, Mapping) or 'type' not in backend_config:
        raise ValueError('the deploy config has no backend_config.type')
    backend, kind = backend_config['type'], config.get('kind')
    precision = config.get('precision')
    if kind not in KINDS:
        raise ValueError(f'kind must be one of {KINDS}, got {kind!r}')
    check_backend(backend, kind)
    known = _PRECISIONS.get((kind, backend), ('fp32',))
    if precision not in known:
        raise ValueError(
            f'{kind} for {backend} are made in {" or ".join(known)}, not {precision!r}'
        )
    if kind == 'scores':
        _check_half(backend, precision, backend_config)
    if kind == 'detections':
        _check_parts(config)
    if config.get('input_size') is not None:
        _check_size('input_size', config['input_size'])
    if config.get('size_range') is not None:
        _check_range(config['size_range'], kind)


def _check_half(backend: str, precision: str, backend_config: Mapping) -> None:
    half = backend_config.get('half', _HALVED.get(backend, False))
    if half and backend not in _HALVED:
        raise ValueError(f'half is for {", ".join(_HALVED)}, not for {backend}')
    if half != (precision == 'fp16'):
        raise ValueError(
            f'backend_config.half={half} does not make a graph of {precision}'
        )


def _check_parts(config: Mapping[str, Any]) -> None:
    for part, names in _OF_DETECTIONS.items():
        found = config.get(part)
        if not isinstance(found, Mapping):
            raise ValueError(f'the deploy config lacks {part}')
        if missing := [name for name in names if name not in found]:
            raise ValueError(f'{part} of the deploy config lacks {", ".join(missing)}')


def _check_range(sizes: Any, kind: str) -> None:
    if kind != 'detections':
        raise ValueError(f'size_range is for detections; {kind} take one size')
    if not isinstance(sizes, list | tuple) or len(sizes) != 2:
        raise ValueError(
            f'size_range must be the least and the largest (H, W), got {sizes!r}'
        )
    for size in sizes:
        _check_size('each size of size_range', size)
    if any(least > most for least, most in zip(*sizes, strict=True)):
        raise ValueError(f'size_range begins above its end: {sizes!r}')


def _check_size(name: str, size: Any) -> None:
    sides = list(size) if isinstance(size, list | tuple) else []
    if len(sides) != 2 or not all(isinstance(n, int) and n > 0 for n in sides):
        raise ValueError(f'{name} must be (H, W) in whole pixels, got {size!r}')
