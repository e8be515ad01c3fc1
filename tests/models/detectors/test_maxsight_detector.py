import pytest
import torch
from mmengine.structures import InstanceData

from maxsight_mm.structures import TaskSample
from tests.models.toy_detector import build_toy, toy_sample, with_urgency

SIZE = 64


def picture(boxes, labels) -> torch.Tensor:
    """(3, SIZE, SIZE) image with one flat colour a class on grey."""
    image = torch.full((3, SIZE, SIZE), 0.5)
    for (x1, y1, x2, y2), label in zip(boxes, labels, strict=True):
        image[:, y1:y2, x1:x2] = 0.0
        image[label, y1:y2, x1:x2] = 1.0
    return image


@pytest.fixture
def batch():
    """Two pictures: a near danger, and a far and a medium harmless thing."""
    first = ([(8, 8, 40, 48)], [1])
    second = ([(4, 36, 28, 60), (36, 4, 60, 30)], [0, 2])
    images = torch.stack([picture(*first), picture(*second)])
    samples = [
        with_urgency(toy_sample(SIZE, *first, zones=[0], urgencies=[3]), 3),
        with_urgency(toy_sample(SIZE, *second, zones=[2, 1], urgencies=[0, 1]), 1),
    ]
    return images, samples


def train(model, images, samples, steps):
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    model.train()
    for _ in range(steps):
        losses = model.loss(images, samples)
        optimizer.zero_grad()
        sum(losses.values()).backward()
        optimizer.step()
    return losses


def settle_batch_norm(model, images, samples):
    """Take the statistics of the pictures in place of those of a short training."""
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None
    with torch.no_grad():
        model.train().loss(images, samples)


def test_fused_level_set_learns(batch):
    model = build_toy(level_set='fused')
    first = sum(train(model, *batch, steps=1).values())
    last = sum(train(model, *batch, steps=25).values())
    assert last < 0.6 * first


def test_learns_a_batch_by_heart(batch):
    model = build_toy()
    train(model, *batch, steps=60)
    settle_batch_norm(model, *batch)
    model.eval()
    with torch.no_grad():
        results = model.predict(*batch)
    for sample in results:
        found, wanted = sample.pred_instances, sample.gt_instances
        for box, label, zone, urgency in zip(
            wanted.bboxes, wanted.labels, wanted.zones, wanted.urgencies, strict=False
        ):
            best = found[found.labels == label][0]
            assert (best.bboxes[0] - box).abs().max() < 6
            assert best.zones[0] == zone
            assert best.urgencies[0] == urgency
        assert sample.pred_tasks.urgency == sample.gt_tasks.urgency


def test_predictions_have_the_documented_fields(batch):
    model = build_toy().eval()
    model.decoder.score_thr = 0.0
    with torch.no_grad():
        sample = model.predict(*batch)[0]
    found, tasks = sample.pred_instances, sample.pred_tasks
    assert isinstance(found, InstanceData) and len(found) > 0
    assert found.bboxes.shape == (len(found), 4)
    assert (found.scores.diff() <= 0).all()
    assert found.labels.dtype == found.zones.dtype == torch.int64
    assert found.zone_scores.shape == (len(found), 3)
    assert found.urgency_scores.shape == (len(found), 4)
    assert tasks.urgency.shape == tasks.uncertainty.shape == (1,)
    assert tasks.urgency_scores.shape == (4,)
    assert 0 <= tasks.uncertainty <= 1


def test_boxes_are_given_in_the_original_image(batch):
    model = build_toy().eval()
    model.decoder.score_thr = 0.0
    images, samples = batch
    samples[0].set_metainfo(dict(scale_factor=(2.0, 4.0)))
    with torch.no_grad():
        plain = model.predict(images, samples, rescale=False)[0].pred_instances.bboxes
        scaled = model.predict(images, samples)[0].pred_instances.bboxes
    torch.testing.assert_close(scaled * torch.tensor([2.0, 4, 2, 4]), plain)


def test_a_sample_that_was_not_resized_needs_no_scale(batch):
    model = build_toy().eval()
    model.decoder.score_thr = 0.0
    images, samples = batch
    plain = [TaskSample(metainfo=dict(img_shape=s.img_shape)) for s in samples]
    with torch.no_grad():
        found = model.predict(images, plain)[0].pred_instances.bboxes
        expected = model.predict(images, plain, rescale=False)[0].pred_instances.bboxes
    torch.testing.assert_close(found, expected)


def test_boxes_stay_in_the_unpadded_image(batch):
    model = build_toy().eval()
    model.decoder.score_thr = 0.0
    images, samples = batch
    samples[0].set_metainfo(dict(img_shape=(40, 50)))
    with torch.no_grad():
        boxes = model.predict(images, samples)[0].pred_instances.bboxes
    assert boxes.min() >= 0
    assert boxes[:, [0, 2]].max() <= 50 and boxes[:, [1, 3]].max() <= 40


def test_nothing_above_the_threshold_gives_empty_detections(batch):
    model = build_toy().eval()
    model.decoder.score_thr = 1.0
    with torch.no_grad():
        sample = model.predict(*batch)[0]
    assert sample.pred_instances.bboxes.shape == (0, 4)
    assert sample.pred_instances.zones.shape == (0,)
    assert 'urgency' in sample.pred_tasks


def test_image_without_objects_trains(batch):
    images, samples = batch
    empty = [toy_sample(SIZE, (), ()) for _ in samples]
    losses = build_toy().train().loss(images, empty)
    assert all(torch.isfinite(value) for value in losses.values())
    assert losses['loss_objectness'] > 0
    assert losses['loss_box'] == losses['loss_classification'] == 0


def test_plain_boxes_train_detection_only(batch):
    images, samples = batch
    plain = [
        toy_sample(SIZE, s.gt_instances.bboxes.tolist(), s.gt_instances.labels.tolist())
        for s in samples
    ]
    losses = build_toy().train().loss(images, plain)
    assert losses['loss_box'] > 0
    for name in ('loss_distance', 'loss_urgency', 'loss_object_urgency'):
        assert losses[name] == 0


def test_gradients_reach_every_parameter(batch):
    model = build_toy()
    sum(model.train().loss(*batch).values()).backward()
    without = [n for n, p in model.named_parameters() if p.grad is None]
    assert without == []


def test_uncertainty_moves_no_safety_answer(batch):
    """Its loss reaches nothing outside its own head."""
    model = build_toy().train()
    model.loss(*batch)['loss_uncertainty'].backward()
    moved = [
        name
        for name, parameter in model.named_parameters()
        if parameter.grad is not None and parameter.grad.abs().sum() > 0
    ]
    assert moved and all('uncertainty' in name for name in moved)


def test_a_head_of_another_criticality_is_refused():
    from maxsight_mm.models.safety_heads import UrgencyHead
    from maxsight_mm.registry import MODELS

    @MODELS.register_module(force=True)
    class _FreePathHead(UrgencyHead):
        task = 'free_path'
        criticality = 'navigation'

    with pytest.raises(ValueError, match='free_path'):
        build_toy(free_path=dict(type='_FreePathHead', in_channels=32))


def test_a_head_for_a_label_of_its_own_learns(batch):
    """A new head needs no code but its own: targets come from the samples."""
    from maxsight_mm.models.heads import DenseHead, GlobalHead
    from maxsight_mm.registry import MODELS

    class Regression:
        criticality = 'safety'

        def __init__(self, in_channels):
            super().__init__(in_channels, 1)

        def loss(self, outputs, targets):
            error = outputs['logits'].squeeze(-1) - targets[self.targets[0]]
            return {f'loss_{self.task}': error.square().mean()}

        def predict(self, outputs):
            return {'values': outputs['logits'].squeeze(-1)}

    @MODELS.register_module(force=True)
    class _GlareHead(Regression, GlobalHead):
        task = 'glare'
        targets = ('glare',)

    @MODELS.register_module(force=True)
    class _FindabilityHead(Regression, DenseHead):
        task = 'findability'
        targets = ('findabilities',)

    images, samples = batch
    samples[0].gt_tasks.glare = torch.tensor([0.7])
    samples[1].gt_instances.findabilities = torch.tensor([float('nan'), 0.9])
    model = build_toy(
        glare=dict(type='_GlareHead', in_channels=32),
        findability=dict(type='_FindabilityHead', in_channels=16),
    )
    first = model.train().loss(images, samples)
    last = train(model, images, samples, steps=15)
    for name in ('loss_glare', 'loss_findability'):
        assert first[name] > 0
        assert last[name] < 0.3 * first[name]


def test_missing_detection_head_is_refused():
    with pytest.raises(ValueError, match='lack'):
        build_toy(box=None)


def test_optional_safety_heads_can_be_dropped(batch):
    model = build_toy(urgency=None, uncertainty=None, object_urgency=None)
    assert 'loss_urgency' not in model.train().loss(*batch)
    with torch.no_grad():
        sample = model.eval().predict(*batch)[0]
    assert 'urgency' not in sample.pred_tasks
