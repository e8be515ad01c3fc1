"""mmdet's detectors through our rewriters find what PyTorch finds."""

import numpy as np
import pytest
import torch

pytest.importorskip('mmdeploy', reason='needs the export extra')

from mmengine.registry import DefaultScope

from maxsight_mm.deploy.rewriters.candidates import check_suppression
from tests.deploy import toy_mmdet
from tests.deploy.exporting import deploy_config, exported, run, samples

MODELS = {
    'retinanet': toy_mmdet.retinanet,
    'fcos': toy_mmdet.fcos,
    'faster_rcnn': toy_mmdet.faster_rcnn,
}


@pytest.fixture(scope='module', params=MODELS)
def model_and_session(request, tmp_path_factory):
    path = tmp_path_factory.mktemp('export') / 'end2end.onnx'
    with DefaultScope.overwrite_default_scope('mmdet'):
        model = toy_mmdet.build(MODELS[request.param]())
        session = exported(model, deploy_config('onnxruntime_dynamic'), path)
    return model, session


@pytest.mark.parametrize('shape', [(1, 3, 160, 160), (2, 3, 160, 160), (2, 3, 96, 224)])
def test_counts_labels_and_boxes_are_those_of_pytorch(model_and_session, shape):
    model, session = model_and_session
    images = torch.randn(shape, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        wanted = model.predict(images, samples(images), rescale=False)
    dets, labels = run(session, images)
    assert dets.shape == (shape[0], 100, 5)
    for found, classes, sample in zip(dets, labels, wanted, strict=True):
        expected = sample.pred_instances.numpy()
        count = len(expected.scores)
        assert count > 20
        assert (classes >= 0).sum() == count
        assert not found[count:].any()
        np.testing.assert_array_equal(classes[:count], expected.labels)
        np.testing.assert_allclose(found[:count, :4], expected.bboxes, atol=1e-2)
        np.testing.assert_allclose(found[:count, 4], expected.scores, atol=1e-4)


def test_a_static_graph_has_no_double_and_every_k_is_a_small_constant(tmp_path):
    """What TensorRT asks for: K below 3840, known when the engine is built."""
    import onnx
    from onnx import TensorProto, numpy_helper

    for name, config in MODELS.items():
        path = tmp_path / f'{name}.onnx'
        with DefaultScope.overwrite_default_scope('mmdet'):
            model = toy_mmdet.build(config())
            exported(model, deploy_config('tensorrt_fp16'), path)
        graph = onnx.shape_inference.infer_shapes(onnx.load(path)).graph
        known = {item.name: item for item in graph.initializer}
        for node in graph.node:
            if node.op_type == 'Constant':
                known[node.output[0]] = node.attribute[0].t
        counts = [
            int(numpy_helper.to_array(known[node.input[1]]).item())
            for node in graph.node
            if node.op_type == 'TopK'
        ]
        assert len(counts) >= 2
        assert max(counts) < 3840
        kinds = {value.type.tensor_type.elem_type for value in graph.value_info}
        assert TensorProto.DOUBLE not in kinds


@pytest.mark.parametrize(
    ('name', 'nms'),
    [
        ('retinanet', dict(type='soft_nms', iou_threshold=0.5)),
        ('fcos', dict(type='nms', iou_threshold=0.5, class_agnostic=True)),
        ('fcos', None),
        ('faster_rcnn', dict(type='soft_nms', iou_threshold=0.5)),
    ],
)
def test_a_suppression_that_the_graph_has_not_is_refused(name, nms, tmp_path):
    with DefaultScope.overwrite_default_scope('mmdet'):
        model = toy_mmdet.build(MODELS[name]())
        head = model.roi_head.bbox_head if name == 'faster_rcnn' else model.bbox_head
        settings = model.test_cfg.rcnn if name == 'faster_rcnn' else head.test_cfg
        settings.nms = nms
        with pytest.raises(ValueError, match=f'a {type(head).__name__} is exported'):
            exported(model, deploy_config('onnxruntime_static'), tmp_path / 'x.onnx')


def test_a_head_that_is_not_to_suppress_is_refused():
    with pytest.raises(ValueError, match='not with none'):
        check_suppression(object(), dict(nms=dict(type='nms')), with_nms=False)
