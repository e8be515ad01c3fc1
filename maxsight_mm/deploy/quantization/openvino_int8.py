"""Static INT8 by nncf for OpenVINO; needs the extra ``export``.

Without nncf's correction of biases, which it estimates from the means of channels: on
the street model it moved scores by 0.012 in the mean, rounding alone by 0.001.
"""

import io
import logging
from collections.abc import Collection, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ..backends.plain_graph import INPUT_NAME, extra_needed
from ..sessions import OpenVinoSession
from .quantizable_stages import quantizable_stages

GRAPH_NAME = 'scores.xml'
# An ONNX operator with a bias becomes two in OpenVINO.
_SUFFIXES = ('', '/WithoutBiases')


class OpenVinoQuantizer:
    """Quantises one float graph as often as wanted.

    Args:
        graph: ``onnx.ModelProto`` of float operators.
        images: (1, 3, H, W) float32 inputs that ranges are taken from.

    Raises:
        ImportError: Without the extra.
        ValueError: If there are no images.
    """

    backend = 'openvino'

    def __init__(self, graph: Any, images: Sequence[np.ndarray]) -> None:
        with extra_needed('nncf', 'export'):
            import nncf  # noqa: F401
            import openvino
        if not images:
            raise ValueError('INT8 needs calibration images')
        self.images = images
        self.stages = quantizable_stages(graph)
        with TemporaryDirectory() as folder:
            path = Path(folder) / 'scores.onnx'
            path.write_bytes(graph.SerializeToString())
            self._model = openvino.convert_model(path)
        _move_strides_into_exponent(self._model)

    def quantize(self, path: str | Path, float_stages: Collection[str] = ()) -> Path:
        """Write the INT8 graph.

        Args:
            path: ``.xml`` file to write.
            float_stages: Stages that stay as they are.
        """
        import nncf
        import openvino

        model = self._model.clone()
        chosen = {
            node + suffix
            for stage, nodes in self.stages.items()
            if stage not in float_stages
            for node in nodes
            for suffix in _SUFFIXES
        }
        if chosen:
            left_out = [
                node.get_friendly_name()
                for node in model.get_ops()
                if node.get_type_name() not in ('Constant', 'Parameter', 'Result')
                and node.get_friendly_name() not in chosen
            ]
            nncf.set_log_level(logging.ERROR)
            # Its progress bars are printed.
            with redirect_stdout(io.StringIO()):
                model = nncf.quantize(
                    model,
                    nncf.Dataset(self.images),
                    target_device=nncf.TargetDevice.CPU,
                    subset_size=len(self.images),
                    ignored_scope=nncf.IgnoredScope(names=left_out, validate=False),
                    advanced_parameters=nncf.AdvancedQuantizationParameters(
                        disable_bias_correction=True
                    ),
                )
        openvino.save_model(model, path, compress_to_fp16=False)
        return Path(path)

    def load(self, path: str | Path, threads: int | None = None) -> OpenVinoSession:
        """The runtime that answers with a written graph, its float layers in fp32."""
        return OpenVinoSession(Path(path), INPUT_NAME, threads=threads)


def _move_strides_into_exponent(model: Any) -> None:
    """Write exp(x) * stride as exp(x + log(stride)), in place.

    OpenVINO 2026.4 takes the product of an INT8 graph with a constant for a scale of
    INT8, moves it behind the choice of a side and refuses the graph for its shape.
    """
    from openvino import opset13

    for node in model.get_ops():
        if node.get_type_name() != 'Multiply':
            continue
        sources = [node.input_value(index).get_node() for index in range(2)]
        if [s.get_type_name() for s in sources] != ['Exp', 'Constant']:
            continue
        exponent, strides = sources
        moved = opset13.add(
            exponent.input_value(0), opset13.constant(np.log(strides.get_data()))
        )
        node.output(0).replace(opset13.exp(moved).output(0))
