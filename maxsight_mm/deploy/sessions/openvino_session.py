"""An OpenVINO or ONNX graph in OpenVINO."""

from pathlib import Path

import numpy as np

# Left alone, OpenVINO computes in bf16 where the CPU can, and detections change; so do
# the layers of an INT8 graph that stay in float.
PRECISION_HINTS = {'fp32': 'f32', 'fp16': 'f32', 'bf16': 'bf16', 'int8': 'f32'}


class OpenVinoSession:
    """Runs an ``.xml`` or ONNX file.

    Args:
        graph: The file.
        input_name: Its input.
        device: ``cpu`` or ``gpu``.
        threads: Threads; by default what OpenVINO thinks best.
        precision: Precision of the export.

    Raises:
        ImportError: Without OpenVINO.
        ValueError: If the device is not there, the graph cannot be loaded, or it has
            another input.
    """

    def __init__(
        self,
        graph: Path,
        input_name: str = 'input',
        device: str = 'cpu',
        threads: int | None = None,
        precision: str = 'fp32',
    ) -> None:
        try:
            import openvino
        except ImportError as error:
            raise ImportError(
                'OpenVINO is not installed: pip install "maxsight_mm[export]"'
            ) from error
        core = openvino.Core()
        if device.upper() not in core.available_devices:
            raise ValueError(f'this OpenVINO cannot run on device {device!r}')
        settings: dict[str, str | int] = {'PERFORMANCE_HINT': 'LATENCY'}
        if precision in PRECISION_HINTS:
            settings['INFERENCE_PRECISION_HINT'] = PRECISION_HINTS[precision]
        if threads is not None:
            settings['INFERENCE_NUM_THREADS'] = threads
        try:
            self.model = core.compile_model(str(graph), device.upper(), settings)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise ValueError(
                f'{graph} cannot be loaded by OpenVINO: {reason}'
            ) from error
        found = [sorted(node.get_names()) for node in self.model.inputs]
        if len(found) != 1 or input_name not in found[0]:
            raise ValueError(f'{graph} has the inputs {found}, not {input_name!r}')
        self.input_name = input_name
        # B, C, H, W; None where any number fits
        self.input_shape = [
            side.get_length() if side.is_static else None
            for side in self.model.inputs[0].get_partial_shape()
        ]
        # OpenVINO may know one output by several names.
        self.outputs = {
            name: node for node in self.model.outputs for name in node.get_names()
        }
        self.output_names = list(self.outputs)
        self.request = self.model.create_infer_request()

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """(B, 3, H, W) float32 -> outputs by name."""
        results = self.request.infer({self.input_name: images})
        # Copies: the request writes its next answer into the same memory.
        return {name: np.array(results[node]) for name, node in self.outputs.items()}
