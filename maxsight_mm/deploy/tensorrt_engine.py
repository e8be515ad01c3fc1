"""A TensorRT engine of an exported graph, built and run where the GPU is.

An engine fits one type of GPU and one version of TensorRT, so it is no part of an
export. Needs NVIDIA's ``tensorrt`` package and a CUDA build of torch, whose tensors are
the buffers. Not run by us: there was no TensorRT to run it with.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch


def build_engine(
    graph: str | Path, engine: str | Path, half: bool, workspace_gib: float = 2.0
) -> None:
    """Build and save.

    Args:
        graph: ONNX file of static shape.
        engine: Where the engine goes.
        half: Let it compute in half precision.
        workspace_gib: Memory it may use while it runs.

    Raises:
        ImportError: Without TensorRT.
        ValueError: If TensorRT cannot read the graph or build the engine.
    """
    trt = _tensorrt()
    logger = trt.Logger(trt.Logger.WARNING)
    builder = trt.Builder(logger)
    # Explicit batches; the flag is a default, and gone, from TensorRT 10 on.
    flags = getattr(trt.NetworkDefinitionCreationFlag, 'EXPLICIT_BATCH', None)
    network = builder.create_network(0 if flags is None else 1 << int(flags))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(Path(graph).read_bytes()):
        raise ValueError(f'TensorRT cannot read {graph}: {parser.get_error(0)}')
    config = builder.create_builder_config()
    config.set_memory_pool_limit(
        trt.MemoryPoolType.WORKSPACE, int(workspace_gib * 2**30)
    )
    if half:
        config.set_flag(trt.BuilderFlag.FP16)
    built = builder.build_serialized_network(network, config)
    if built is None:
        raise ValueError(f'TensorRT cannot build an engine of {graph}')
    Path(engine).write_bytes(bytes(built))


class TensorRtSession:
    """Runs an engine; the call is that of ``OnnxRuntimeSession``.

    Args:
        engine: File of :func:`build_engine`.

    Raises:
        ImportError: Without TensorRT.
        ValueError: If there is no GPU, or the engine is of another one.
    """

    def __init__(self, engine: str | Path) -> None:
        trt = _tensorrt()
        if not torch.cuda.is_available():
            raise ValueError('a TensorRT engine needs an NVIDIA GPU and torch for CUDA')
        runtime = trt.Runtime(trt.Logger(trt.Logger.WARNING))
        self.engine = runtime.deserialize_cuda_engine(Path(engine).read_bytes())
        if self.engine is None:
            raise ValueError(f'{engine} is of another GPU or version of TensorRT')
        self.context = self.engine.create_execution_context()
        names = [
            self.engine.get_tensor_name(i) for i in range(self.engine.num_io_tensors)
        ]
        inputs = [
            name
            for name in names
            if self.engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT
        ]
        (self.input_name,) = inputs
        shape = self.engine.get_tensor_shape(self.input_name)
        # B, C, H, W; None where any number fits
        self.input_shape = [n if n > 0 else None for n in shape]
        self.output_names = [name for name in names if name != self.input_name]

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """(B, 3, H, W) float32 -> outputs by name."""
        pixels = torch.from_numpy(images).cuda()
        self.context.set_tensor_address(self.input_name, pixels.data_ptr())
        outputs = {}
        for name in self.output_names:
            kind = _TYPES[self.engine.get_tensor_dtype(name).name]
            shape = tuple(self.context.get_tensor_shape(name))
            outputs[name] = torch.empty(shape, dtype=kind, device='cuda')
            self.context.set_tensor_address(name, outputs[name].data_ptr())
        stream = torch.cuda.current_stream()
        if not self.context.execute_async_v3(stream.cuda_stream):
            raise ValueError('TensorRT could not run the engine')
        stream.synchronize()
        return {name: value.cpu().numpy() for name, value in outputs.items()}


_TYPES = {'FLOAT': torch.float32, 'INT32': torch.int32, 'INT64': torch.int64}


def _tensorrt() -> Any:
    try:
        import tensorrt
    except ImportError as error:
        raise ImportError(
            "TensorRT is not installed: on a machine with its GPU, NVIDIA's "
            'instructions for the tensorrt package'
        ) from error
    return tensorrt
