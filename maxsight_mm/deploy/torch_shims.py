"""What mmdeploy 1.3.1 expects of older torch and setuptools, for as long as it runs.

mmdeploy is the last release of its line. Three things it relies on have changed:

- ``torch.onnx.export`` now takes the dynamo exporter unless told otherwise; its
  rewriters and symbolic functions work with the TorchScript exporter alone.
- ``torch.onnx.symbolic_opset9._cast_Long`` is gone; its RoIAlign calls it.
- ``pkg_resources`` left setuptools; its list of backend versions imports it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from types import ModuleType, SimpleNamespace

import torch


@contextmanager
def mmdeploy_shims() -> Iterator[None]:
    """Give mmdeploy what it misses inside the block and take it back after it."""
    # By its name: as an attribute torch.onnx offers another module than is imported.
    opset9 = import_module('torch.onnx.symbolic_opset9')
    export = torch.onnx.export
    lacks_cast = not hasattr(opset9, '_cast_Long')
    lacks_versions = (
        'pkg_resources' not in sys.modules and find_spec('pkg_resources') is None
    )
    torch.onnx.export = _torchscript_export(export)
    if lacks_cast:
        vars(opset9)['_cast_Long'] = _cast_long
    if lacks_versions:
        sys.modules['pkg_resources'] = _package_versions()
    try:
        yield
    finally:
        torch.onnx.export = export
        if lacks_cast:
            del vars(opset9)['_cast_Long']
        if lacks_versions:
            del sys.modules['pkg_resources']


def _torchscript_export(export):
    @wraps(export)
    def without_dynamo(*args, dynamo: bool = False, **kwargs):
        return export(*args, dynamo=dynamo, **kwargs)

    return without_dynamo


def _cast_long(g, value, non_blocking):
    return g.op('Cast', value, to_i=torch.onnx.TensorProtoDataType.INT64)


def _package_versions() -> ModuleType:
    """The one function of ``pkg_resources`` that is called."""
    module = ModuleType('pkg_resources')
    vars(module)['get_distribution'] = lambda name: SimpleNamespace(
        version=version(name)
    )
    return module
