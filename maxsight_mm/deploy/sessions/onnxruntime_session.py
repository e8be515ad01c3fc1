"""An ONNX graph in ONNX Runtime."""

from pathlib import Path
from typing import Any

import numpy as np


class OnnxRuntimeSession:
    """Runs an ONNX file.

    Args:
        graph: The file.
        input_name: Its input.
        device: ``cpu``, or ``cuda`` with the GPU build of ONNX Runtime.
        threads: Threads of an operator; by default one a core.

    Raises:
        ImportError: Without ONNX Runtime.
        ValueError: If the device is not there, the graph cannot be loaded, or it has
            another input.
    """

    def __init__(
        self,
        graph: Path,
        input_name: str = 'input',
        device: str = 'cpu',
        threads: int | None = None,
    ) -> None:
        self.session = load_onnx_session(graph, device, threads)
        found = [node.name for node in self.session.get_inputs()]
        if found != [input_name]:
            raise ValueError(f'{graph} has the inputs {found}, not {input_name!r}')
        self.input_name = input_name
        shape = self.session.get_inputs()[0].shape
        # B, C, H, W; None where any number fits
        self.input_shape = [n if isinstance(n, int) else None for n in shape]
        self.output_names = [node.name for node in self.session.get_outputs()]

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """(B, 3, H, W) float32 -> outputs by name."""
        outputs = self.session.run(self.output_names, {self.input_name: images})
        return dict(zip(self.output_names, outputs, strict=True))


def load_onnx_session(
    graph: Path, device: str = 'cpu', threads: int | None = None
) -> Any:
    """ONNX Runtime's own session; arguments and errors as above.

    Raises:
        ImportError: Without ONNX Runtime.
        ValueError: If the device is not there, or the graph cannot be loaded.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError(
            'ONNX Runtime is not installed: pip install "maxsight_mm[export]"'
        ) from error
    provider = f'{device.upper()}ExecutionProvider'
    if provider not in onnxruntime.get_available_providers():
        raise ValueError(f'this ONNX Runtime cannot run on device {device!r}')
    options = onnxruntime.SessionOptions()
    # Its warnings concern optimisations; errors are raised.
    options.log_severity_level = 3
    options.inter_op_num_threads = 1
    if threads is not None:
        options.intra_op_num_threads = threads
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=[provider])
    # Its errors have no common class of their own.
    except Exception as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(
            f'{graph} cannot be loaded by ONNX Runtime: {reason}'
        ) from error
