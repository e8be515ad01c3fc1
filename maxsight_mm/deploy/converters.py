"""Which module of ``backends`` writes the files of which runtime.

mmdeploy's own converters are not used: they need its library of custom operators, or
programs that no longer exist. What takes an ONNX graph as it is needs no converter.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

from maxsight_mm.models.detectors import MaxSightDetector

# TensorRT builds its engine from the graph on the machine that runs it.
ONNX_BACKENDS = ('onnxruntime', 'openvino', 'tensorrt')
# Modules by backend, for graphs of scores.
SCORES_BACKENDS = {
    'onnxruntime': 'onnx_scores',
    'openvino': 'openvino',
    'coreml': 'coreml',
    'ncnn': 'ncnn',
    'executorch': 'executorch',
    'torchscript': 'torchscript',
    'torch_export': 'torch_export',
}


def check_backend(backend: str, kind: str) -> None:
    """Refuse what cannot be exported.

    Raises:
        ValueError: If there is no export of this kind to this backend.
    """
    kinds = dict(
        detections=ONNX_BACKENDS, scores=SCORES_BACKENDS, full=('onnxruntime',)
    )
    if kind not in kinds:
        raise ValueError(f'no kind {kind!r} of export; there are {", ".join(kinds)}')
    known = kinds[kind]
    if backend not in known:
        raise ValueError(
            f'no export to {backend!r} as {kind}; there are {", ".join(known)}'
        )


def backend_module(backend: str) -> Any:
    """The module with ``convert`` and, where it runs here, ``run``."""
    return import_module(f'maxsight_mm.deploy.backends.{SCORES_BACKENDS[backend]}')


def convert_scores(
    backend_config: dict[str, Any],
    detector: MaxSightDetector,
    folder: str | Path,
    size: tuple[int, int],
) -> str:
    """Write the graph of scores for a backend.

    Args:
        backend_config: ``type``, and what else its ``convert`` takes.
        detector: The model, in evaluation mode.
        folder: Where the files go.
        size: (H, W) of the input in pixels.

    Returns:
        Name of the graph in the folder.

    Raises:
        ImportError: If the backend's package is missing.
        ValueError: If the backend refuses the model.
    """
    options = dict(backend_config)
    backend = options.pop('type')
    path = backend_module(backend).convert(detector, folder, size, **options)
    return Path(path).name
