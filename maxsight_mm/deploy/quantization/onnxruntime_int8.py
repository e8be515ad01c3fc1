"""Static INT8 by ONNX Runtime: pairs of quantise and dequantise operators.

Activations are unsigned and asymmetric, weights signed and symmetric a channel: the
pairing that its CPU kernels are fastest with. Needs the extra ``export``.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ..backends.plain_graph import INPUT_NAME, extra_needed
from ..quiet_export import quiet_export
from ..sessions import OnnxRuntimeSession
from .fold_level_norms import share_equal_integers
from .quantizable_stages import OPERATORS, quantizable_stages

GRAPH_NAME = 'scores.onnx'


class OnnxRuntimeQuantizer:
    """Quantises one float graph as often as wanted on ranges measured once.

    Args:
        graph: ``onnx.ModelProto`` of float operators.
        images: (1, 3, H, W) float32 inputs that ranges are taken from.

    Raises:
        ImportError: Without the extra.
        ValueError: If there are no images.
    """

    backend = 'onnxruntime'

    def __init__(self, graph: Any, images: Sequence[np.ndarray]) -> None:
        with extra_needed('ONNX Runtime', 'export'):
            import onnxruntime.quantization  # noqa: F401
        if not images:
            raise ValueError('INT8 needs calibration images')
        self.images = images
        self.stages = quantizable_stages(graph)
        self._folder = TemporaryDirectory()
        self._ranges = Path(self._folder.name) / 'ranges.json'
        # A graph in memory would have its weights taken out by the library.
        self._float = Path(self._folder.name) / 'float.onnx'
        self._float.write_bytes(graph.SerializeToString())

    def quantize(self, path: str | Path, float_stages: Collection[str] = ()) -> Path:
        """Write the INT8 graph.

        Args:
            path: ONNX file to write.
            float_stages: Stages that stay as they are.
        """
        import onnx
        from onnxruntime.quantization import (
            CalibrationMethod,
            QuantFormat,
            QuantType,
            quantize_static,
        )

        path = Path(path)
        chosen = [
            node
            for stage, nodes in self.stages.items()
            if stage not in float_stages
            for node in nodes
        ]
        if not chosen:
            # The library takes an empty list for all nodes.
            path.write_bytes(self._float.read_bytes())
            return path
        # Its advice to preprocess was followed by the exporter.
        with quiet_export():
            quantize_static(
                str(self._float),
                str(path),
                _Images(self.images),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=list(OPERATORS),
                nodes_to_quantize=chosen,
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=CalibrationMethod.MinMax,
                calibration_cache_path=self._ranges,
            )
        graph = onnx.load(str(path))
        share_equal_integers(graph)
        path.write_bytes(graph.SerializeToString())
        return path

    def load(self, path: str | Path, threads: int | None = None) -> OnnxRuntimeSession:
        """The runtime that answers with a written graph."""
        return OnnxRuntimeSession(Path(path), INPUT_NAME, threads=threads)


class _Images:
    """What the calibrator reads."""

    def __init__(self, images: Sequence[np.ndarray]) -> None:
        self._images: Iterator[np.ndarray] = iter(images)

    def get_next(self) -> dict[str, np.ndarray] | None:
        images = next(self._images, None)
        return None if images is None else {INPUT_NAME: images}
