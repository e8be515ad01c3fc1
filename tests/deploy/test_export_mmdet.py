import json

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.structures import InstanceData

pytest.importorskip('mmdeploy', reason='needs the export extra')

from mmdet.structures import DetDataSample
from mmengine.registry import DefaultScope

from maxsight_mm.deploy.export_mmdet import _compare, export_mmdet
from tests.deploy import toy_mmdet
from tests.deploy.exporting import deploy_config

MODELS = {
    'retinanet': toy_mmdet.retinanet,
    'fcos': toy_mmdet.fcos,
    'faster_rcnn': toy_mmdet.faster_rcnn,
}


@pytest.fixture(scope='module')
def retinanet(tmp_path_factory):
    return toy_files(tmp_path_factory.mktemp('mmdet'), toy_mmdet.retinanet())


def toy_files(folder, model_config):
    """Config of mmdet's, checkpoint and two pictures of other aspects."""
    with DefaultScope.overwrite_default_scope('mmdet'):
        model = toy_mmdet.build(model_config)
    torch.save(dict(state_dict=model.state_dict()), folder / 'toy.pth')
    config = Config(
        dict(
            default_scope='mmdet',
            model=model_config,
            test_pipeline=[
                dict(type='LoadImageFromFile'),
                dict(type='Resize', scale=(192, 128), keep_ratio=True),
                dict(type='LoadAnnotations', with_bbox=True),
                dict(type='PackDetInputs', meta_keys=('img_shape', 'ori_shape')),
            ],
        )
    )
    config.model.data_preprocessor.pad_size_divisor = 32
    rng = np.random.default_rng(0)
    for name, shape in (('a', (128, 192, 3)), ('b', (200, 160, 3))):
        picture = rng.integers(0, 255, shape, np.uint8)
        cv2.imwrite(str(folder / f'{name}.png'), picture)
    return folder, config


@pytest.mark.slow
@pytest.mark.parametrize('name', MODELS)
@pytest.mark.parametrize('deploy', ['onnxruntime_static', 'onnxruntime_dynamic'])
def test_a_detector_of_mmdet_is_exported_with_its_proof(tmp_path, name, deploy):
    folder, config = toy_files(tmp_path, MODELS[name]())
    parity = export_mmdet(
        deploy_config(deploy, None),
        config,
        folder / 'toy.pth',
        folder / 'out',
        [folder / 'a.png', folder / 'b.png'],
    )
    assert parity.passed, parity
    assert parity.images == 2
    assert parity.pytorch == parity.onnx > 20
    assert json.loads((folder / 'out' / 'parity.json').read_text())['passed']
    assert (folder / 'out' / 'end2end.onnx').is_file()


def test_a_broken_picture_and_another_model_leave_nothing(retinanet):
    folder, config = retinanet
    (folder / 'broken.png').write_bytes(b'no picture')
    deploy = deploy_config('onnxruntime_static', None)
    with pytest.raises(ValueError, match=r'broken\.png'):
        export_mmdet(
            deploy, config, folder / 'toy.pth', folder / 'x', [folder / 'broken.png']
        )
    other = folder / 'other.pth'
    torch.save(dict(state_dict={'backbone.conv1.weight': torch.zeros(1)}), other)
    with pytest.raises(ValueError, match='made for another model'):
        export_mmdet(deploy, config, other, folder / 'x', [folder / 'a.png'])
    assert not (folder / 'x').exists()


def test_scores_of_mmdet_and_missing_pictures_are_refused(retinanet):
    folder, config = retinanet
    args = config, folder / 'toy.pth', folder / 'x'
    with pytest.raises(ValueError, match='as detections alone'):
        export_mmdet(deploy_config('torchscript', None), *args, [folder / 'a.png'])
    with pytest.raises(FileNotFoundError, match=r'none\.png'):
        export_mmdet(
            deploy_config('onnxruntime_static', None), *args, [folder / 'none.png']
        )


class CannedDetector:
    """Finds what it was given."""

    def __init__(self, bboxes, scores):
        self.found = InstanceData(
            bboxes=torch.from_numpy(bboxes),
            scores=torch.from_numpy(scores),
            labels=torch.arange(len(scores)),
        )

    def predict(self, inputs, samples, rescale):
        samples[0].pred_instances = self.found
        return samples


@pytest.mark.parametrize('side', ['pytorch', 'onnx'])
@pytest.mark.parametrize('column', [1, 4])
def test_a_box_or_score_that_is_not_finite_is_no_pass(monkeypatch, side, column):
    onnxruntime = pytest.importorskip('onnxruntime')
    dets = np.float32([[[0, 0, 9, 9, 0.5], [1, 1, 5, 5, 0.4]]])
    both = dict(pytorch=dets.copy(), onnx=dets.copy())

    class Session:
        def __init__(self, *args, **kwargs):
            pass

        def run(self, names, feeds):
            return both['onnx'], np.array([[0, 1]])

    monkeypatch.setattr(onnxruntime, 'InferenceSession', Session)

    def compared():
        model = CannedDetector(both['pytorch'][0, :, :4], both['pytorch'][0, :, 4])
        batch = dict(data_samples=[DetDataSample()]), torch.zeros(1, 3, 8, 8)
        return _compare(model, [batch], None)

    assert compared().passed
    both[side][0, 1, column] = np.nan
    parity = compared()
    assert parity.changed == 1 and not parity.passed
