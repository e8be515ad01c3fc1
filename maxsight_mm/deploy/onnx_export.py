"""A detector as one ONNX file through mmdeploy.

One graph serves ONNX Runtime, OpenVINO and TensorRT: it is always exported for
mmdeploy's default backend, whose rewriters use standard operators, for those of its
other backends put operators of mmdeploy's own library into the graph.
"""

from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import Any

from mmdet.structures import DetDataSample
from mmengine.config import Config
from torch import Tensor, nn

from maxsight_mm.models.detectors import MaxSightDetector

from .onnx_files import check_onnx_file
from .quiet_export import quiet_export
from .safety_graph import Detections
from .torch_shims import mmdeploy_shims

OPSET = 17


def export_onnx(
    model: nn.Module, images: Tensor, deploy_config: Config, path: str | Path
) -> None:
    """Write the graph of a detector's decisions.

    Args:
        model: mmdet detector or ours, in evaluation mode; it is not changed.
        images: (B, 3, H, W) float, normalised; static graphs take this shape.
        deploy_config: ``ir_config`` and ``codebase_config`` of mmdeploy.
        path: File to be written; ends in ``.onnx``.

    Raises:
        ImportError: If mmdeploy is missing.
        ValueError: If the graph holds an operator that is no standard ONNX.
    """
    try:
        import mmdeploy  # noqa: F401
    except ImportError as error:
        raise ImportError(
            'exporting needs mmdeploy: python tools/bootstrap.py --extras export'
        ) from error
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    ir_config = deploy_config.ir_config
    shape = tuple(images.shape[2:])
    sample = DetDataSample(metainfo=dict(img_shape=shape, ori_shape=shape))
    context = dict(deploy_cfg=Config(deepcopy(deploy_config.to_dict())))
    with mmdeploy_shims(), quiet_export():
        from mmdeploy.apis.onnx import export

        _register(deploy_config)
        export(
            # mmdeploy replaces layers of the model for good.
            deepcopy(model),
            (images,),
            str(path.with_suffix('')),
            backend='default',
            input_metas=dict(data_samples=[sample], mode='predict'),
            context_info=context,
            input_names=list(ir_config.input_names),
            output_names=_output_names(model, ir_config),
            opset_version=ir_config.get('opset_version', OPSET),
            dynamic_axes=ir_config.get('dynamic_axes'),
            keep_initializers_as_inputs=False,
        )
    check_onnx_file(path)


def task_processor(config: Config, deploy_config: Config) -> Any:
    """mmdeploy's task processor for a model config; ours, see ``mmdeploy_plugin``."""
    with mmdeploy_shims(), quiet_export():
        from mmdeploy.apis.utils import build_task_processor

        return build_task_processor(config, deploy_config, 'cpu')


def _output_names(model: nn.Module, ir_config: Any) -> list[str]:
    if isinstance(model, MaxSightDetector):
        return list(Detections._fields)
    return list(ir_config.output_names)


def _register(deploy_config: Config) -> None:
    """Import mmdeploy's rewriters and those that the config names."""
    for module in deploy_config.codebase_config.get('module', ()):
        import_module(module)
    import_module('mmdeploy.codebase.mmdet.models')
    import_module('mmdeploy.codebase.mmdet.structures')
