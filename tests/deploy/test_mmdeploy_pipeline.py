"""mmdeploy's own way with mmdet's own configs, at full size: export, run, compare.

``mmdeploy.apis.torch2onnx`` and its ONNX Runtime backend, with our plugin named in the
deploy config and nothing else changed, on ResNet-50 detectors as they are published.
"""

from pathlib import Path

import cv2
import mmdet
import numpy as np
import pytest
import torch
from mmengine.config import Config

pytest.importorskip('mmdeploy', reason='needs the export extra')
pytest.importorskip('onnx', reason='needs the export extra')

import onnx
from mmengine.registry import DefaultScope

from maxsight_mm.deploy.onnx_files import check_onnx_file
from maxsight_mm.deploy.torch_shims import mmdeploy_shims
from tests.deploy import toy_mmdet
from tests.deploy.exporting import deploy_config, samples

CONFIGS = Path(mmdet.__file__).parent / '.mim' / 'configs'
PUBLISHED = (
    'fcos/fcos_r50-caffe_fpn_gn-head_1x_coco.py',
    'retinanet/retinanet_r50_fpn_1x_coco.py',
    'faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py',
)
MAX_SCORE_GAP = 1e-4
# (W, H) in pixels; the networks are of full size, the pictures need not be.
SCALE = (416, 320)


def model_config(name: str) -> Config:
    config = Config.fromfile(CONFIGS / name)
    for step in config.test_pipeline:
        if step.type == 'Resize':
            step.scale = SCALE
    return config


def spread_weights(config: Config) -> dict:
    """Random weights whose scores are spread over [0, 1]."""
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmdet'):
        from mmdet.registry import MODELS

        model = toy_mmdet.spread(MODELS.build(config.model))
    # Statistics of the noise, or 53 layers make all locations alike.
    for norm in model.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            norm.train().momentum = None
    # Logits within 4 of 0, or scores are 1 everywhere and have no order.
    seen: dict[torch.nn.Module, list[torch.Tensor]] = {}
    for name, layer in model.named_modules():
        if name.endswith('_cls') and hasattr(layer, 'weight'):
            seen[layer] = []
            layer.register_forward_hook(
                lambda layer, _, outputs: seen[layer].append(outputs.flatten())
            )
    noise = np.random.default_rng(0).integers(0, 255, (3, *SCALE[::-1]), np.uint8)
    batch = dict(inputs=[torch.from_numpy(noise)], data_samples=None)
    images = model.data_preprocessor(batch)['inputs']
    with torch.no_grad():
        model.predict(images, samples(images), rescale=False)
        for layer, outputs in seen.items():
            logits = torch.cat(outputs)
            factor = 4 / (logits - logits.mean()).abs().max()
            layer.weight.mul_(factor)
            layer.bias.fill_(-logits.mean() * factor)
        # Boxes near their anchors: what is far away is rounded more coarsely.
        for name, weight in model.named_parameters():
            if 'reg' in name.split('.')[-2]:
                weight.mul_(0.2)
    return model.state_dict()


@pytest.mark.slow
@pytest.mark.parametrize('name', PUBLISHED, ids=lambda name: Path(name).parent.name)
def test_torch2onnx_and_the_backend_find_what_pytorch_finds(name, tmp_path):
    config = model_config(name)
    torch.save(dict(state_dict=spread_weights(config)), tmp_path / 'weights.pth')
    deploy = deploy_config('onnxruntime_dynamic', None)
    rng = np.random.default_rng(0)
    pictures = []
    for index, shape in enumerate(((320, 416, 3), (416, 320, 3))):
        pictures.append(str(tmp_path / f'{index}.png'))
        cv2.imwrite(pictures[-1], rng.integers(0, 255, shape, np.uint8))
    with mmdeploy_shims(), DefaultScope.overwrite_default_scope('mmdet'):
        from mmdeploy.apis import torch2onnx
        from mmdeploy.apis.utils import build_task_processor

        torch2onnx(
            pictures[0],
            str(tmp_path),
            'end2end.onnx',
            deploy,
            config,
            str(tmp_path / 'weights.pth'),
            device='cpu',
        )
        path = tmp_path / 'end2end.onnx'
        check_onnx_file(path)
        onnx.checker.check_model(str(path), full_check=True)
        task = build_task_processor(config, deploy, 'cpu')
        model = task.build_pytorch_model(str(tmp_path / 'weights.pth'))
        backend = task.build_backend_model([str(path)])
        for picture in pictures:
            data, _ = task.create_input(picture, None)
            with torch.no_grad():
                (found,) = backend.test_step(data)
                data, _ = task.create_input(picture, None)
                # A graph takes padding for picture, so PyTorch has to do so too.
                prepared = model.data_preprocessor(data, False)
                for sample in prepared['data_samples']:
                    shape = tuple(prepared['inputs'].shape[2:])
                    sample.set_metainfo(dict(img_shape=shape))
                (wanted,) = model.predict(prepared['inputs'], prepared['data_samples'])
            ours, theirs = found.pred_instances, wanted.pred_instances
            assert len(ours) == len(theirs) > 20
            torch.testing.assert_close(
                ours.scores, theirs.scores, atol=MAX_SCORE_GAP, rtol=0
            )
            same = ours.labels[:, None] == theirs.labels
            gaps = (ours.bboxes[:, None] - theirs.bboxes).abs().amax(-1)
            close = (ours.scores[:, None] - theirs.scores).abs() <= MAX_SCORE_GAP
            twin = (same & close & (gaps <= 1e-2)).any(1)
            # Random weights give scores that rounding puts in another order.
            assert twin.sum() >= 0.98 * len(ours)
