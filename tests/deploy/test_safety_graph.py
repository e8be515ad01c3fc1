"""The graph of decisions says what the detector says, eager and exported."""

import numpy as np
import pytest
import torch

from maxsight_mm.deploy.safety_graph import Detections, SafetyGraph, SafetyScoresGraph
from tests.models.toy_detector import build_toy, toy_sample


def spread_detector(**test_cfg):
    """A toy whose random answers spread over classes, zones and urgencies."""
    model = build_toy().eval()
    generator = torch.Generator().manual_seed(1)
    for name, weight in model.named_parameters():
        if 'predictor' not in name:
            continue
        std = 0.1 if '.box.' in name else 0.5
        weight.data = torch.randn(weight.shape, generator=generator) * std
        if name.endswith('box.predictor.bias'):
            weight.data += 1.0
        elif name.endswith('objectness.predictor.bias'):
            weight.data.fill_(1.0)
    for name, value in test_cfg.items():
        setattr(model.decoder, name, value)
    return model


def images(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(3))


def predicted(model, batch):
    shape = tuple(batch.shape[2:])
    samples = [toy_sample() for _ in batch]
    for sample in samples:
        sample.set_metainfo(dict(img_shape=shape, ori_shape=shape))
    with torch.no_grad():
        return model.predict(batch, samples, rescale=False)


def assert_says_what_pytorch_says(found: Detections, samples) -> int:
    total = 0
    for image, sample in enumerate(samples):
        wanted, tasks = sample.pred_instances, sample.pred_tasks
        count = len(wanted)
        total += count
        assert (found.labels[image] >= 0).sum() == count
        close = dict(rtol=0, atol=1e-4)
        dets = found.dets[image]
        torch.testing.assert_close(dets[:count, :4], wanted.bboxes, rtol=0, atol=1e-2)
        torch.testing.assert_close(dets[:count, 4], wanted.scores, **close)
        torch.testing.assert_close(
            found.zone_scores[image, :count], wanted.zone_scores, **close
        )
        assert torch.equal(found.labels[image, :count], wanted.labels)
        assert torch.equal(found.zones[image, :count], wanted.zones)
        assert torch.equal(found.object_urgencies[image, :count], wanted.urgencies)
        assert found.urgency[image] == tasks.urgency
        torch.testing.assert_close(
            found.urgency_scores[image], tasks.urgency_scores, **close
        )
        torch.testing.assert_close(found.uncertainty[image], tasks.uncertainty, **close)
        for padding in (found.labels, found.zones, found.object_urgencies):
            assert (padding[image, count:] == -1).all()
        assert not dets[count:].any()
    return total


@pytest.mark.parametrize(
    'test_cfg', [{}, dict(nms_pre=20), dict(max_per_img=5), dict(iou_threshold=0.2)]
)
def test_decides_as_the_detector_does(test_cfg):
    model = spread_detector(**test_cfg)
    batch = images(2, 3, 64, 96)
    with torch.no_grad():
        found = SafetyGraph(model)(batch)
    samples = predicted(model, batch)
    assert assert_says_what_pytorch_says(found, samples) >= 10


def test_an_image_without_detections_is_all_padding():
    model = spread_detector(score_thr=0.9999)
    with torch.no_grad():
        found = SafetyGraph(model)(images(1, 3, 64, 64))
    assert (found.labels == -1).all()
    assert not found.dets.any()
    assert (found.urgency >= 0).all()


def test_a_raised_safe_score_changes_the_urgency_as_in_the_heads():
    model = spread_detector()
    for head in model.safety_heads:
        if head.task in ('urgency', 'object_urgency'):
            head.min_safe_score = 1.0
    batch = images(1, 3, 64, 96)
    with torch.no_grad():
        found = SafetyGraph(model)(batch)
    assert found.urgency[0] > 0
    assert (found.object_urgencies != 0).all()
    assert_says_what_pytorch_says(found, predicted(model, batch))


def test_a_detector_without_a_safety_head_is_refused():
    model = build_toy(uncertainty=None)
    with pytest.raises(ValueError, match='without the heads uncertainty'):
        SafetyGraph(model)


@pytest.fixture(scope='module')
def dynamic(tmp_path_factory):
    from mmengine.registry import DefaultScope

    exporting = pytest.importorskip('tests.deploy.exporting')
    path = tmp_path_factory.mktemp('export') / 'end2end.onnx'
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        model = spread_detector()
    config = exporting.deploy_config('onnxruntime_dynamic')
    return model, exporting.exported(model, config, path, (64, 96)), path


@pytest.mark.parametrize(
    'shape', [(1, 3, 64, 96), (2, 3, 64, 96), (2, 3, 160, 128), (1, 3, 224, 64)]
)
def test_the_exported_graph_decides_so_at_every_size(dynamic, shape):
    model, session, _ = dynamic
    batch = images(*shape)
    outputs = session.run(list(Detections._fields), {'input': batch.numpy()})
    found = Detections(*map(torch.from_numpy, outputs))
    assert assert_says_what_pytorch_says(found, predicted(model, batch)) >= 5


def test_the_export_leaves_the_model_as_it_was(dynamic):
    model, _, _ = dynamic
    assert model.forward.__func__ is type(model).forward
    batch = images(1, 3, 64, 96)
    fresh = spread_detector()
    for name, weight in fresh.state_dict().items():
        assert torch.equal(weight, model.state_dict()[name]), name
    with torch.no_grad():
        ours, theirs = (SafetyScoresGraph(m)(batch) for m in (model, fresh))
    np.testing.assert_array_equal(ours.scores.numpy(), theirs.scores.numpy())
