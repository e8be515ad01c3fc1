import sys
from importlib import import_module

import pytest
import torch

from maxsight_mm.deploy.torch_shims import mmdeploy_shims

symbolic_opset9 = import_module('torch.onnx.symbolic_opset9')


def test_what_mmdeploy_misses_is_there_inside_and_gone_after():
    export = torch.onnx.export
    before = hasattr(symbolic_opset9, '_cast_Long'), 'pkg_resources' in sys.modules
    with mmdeploy_shims():
        assert torch.onnx.export is not export
        assert hasattr(symbolic_opset9, '_cast_Long')
        from pkg_resources import get_distribution

        assert (
            get_distribution('torch').version.split('+')[0]
            == (torch.__version__.split('+')[0])
        )
    assert torch.onnx.export is export
    after = hasattr(symbolic_opset9, '_cast_Long'), 'pkg_resources' in sys.modules
    assert after == before


def test_an_error_inside_takes_the_shims_away_too():
    export = torch.onnx.export
    with pytest.raises(RuntimeError), mmdeploy_shims():
        raise RuntimeError
    assert torch.onnx.export is export


def test_the_torchscript_exporter_is_the_default_and_not_forced(monkeypatch):
    calls = []
    monkeypatch.setattr(torch.onnx, 'export', lambda *a, **k: calls.append(k))
    with mmdeploy_shims():
        torch.onnx.export('model')
        torch.onnx.export('model', dynamo=True)
    assert [call['dynamo'] for call in calls] == [False, True]
