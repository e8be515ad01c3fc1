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
_OF_DETECTIONS = ('ir_config', 'codebase_config')


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
        missing = [name for name in _OF_DETECTIONS if name not in config]
        if missing:
            raise ValueError(f'the deploy config lacks {", ".join(missing)}')
    _check_size('input_size', config.get('input_size'))
    for size in config.get('size_range') or ():
        _check_size('each size of size_range', size)


def _check_half(backend: str, precision: str, backend_config: Mapping) -> None:
    half = backend_config.get('half', _HALVED.get(backend, False))
    if half and backend not in _HALVED:
        raise ValueError(f'half is for {", ".join(_HALVED)}, not for {backend}')
    if half != (precision == 'fp16'):
        raise ValueError(
            f'backend_config.half={half} does not make a graph of {precision}'
        )


def _check_size(name: str, size: Any) -> None:
    if size is None:
        return
    sides = list(size) if isinstance(size, list | tuple) else []
    if len(sides) != 2 or not all(isinstance(n, int) and n > 0 for n in sides):
        raise ValueError(f'{name} must be (H, W) in whole pixels, got {size!r}')
