"""Runtimes behind one call: a batch in, the graph's outputs by name out."""

from .onnxruntime_session import OnnxRuntimeSession
from .openvino_session import OpenVinoSession

__all__ = ['OnnxRuntimeSession', 'OpenVinoSession']
