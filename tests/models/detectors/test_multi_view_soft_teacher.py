import copy

import pytest
import torch
from mmdet.models.detectors import SoftTeacher
from mmengine.structures import InstanceData

from maxsight_mm.registry import MODELS
from tests.models.toy_defects import (
    NUM_CLASSES,
    SIZE,
    batch,
    build_teacher,
    dense_config,
    total,
    two_stage_config,
)

KINDS = pytest.mark.parametrize('config', [two_stage_config, dense_config])


def _sure_teacher(monkeypatch, boxes, labels, score=0.9):
    """Makes every teacher find these boxes on every view."""
    found = InstanceData(
        bboxes=torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        scores=torch.full((len(boxes),), score),
        labels=torch.tensor(labels, dtype=torch.int64),
    )
    monkeypatch.setattr(
        'maxsight_mm.models.detectors.multi_view_soft_teacher.detector_boxes',
        lambda detector, feats, samples: [copy.deepcopy(found) for _ in samples],
    )


def _gradients(model) -> dict:
    return {
        name: parameter.grad
        for name, parameter in model.named_parameters()
        if parameter.grad is not None and parameter.grad.abs().sum() > 0
    }


@KINDS
def test_student_and_transformer_learn_but_not_the_teacher(config, monkeypatch):
    _sure_teacher(monkeypatch, [(8, 8, 40, 48)], [1])
    model = build_teacher(config())
    total(model.loss(*batch())).backward()
    names = _gradients(model)
    assert any(name.startswith('student.backbone') for name in names)
    assert any(name.startswith('cross_view.correction') for name in names)
    assert not any(name.startswith('teacher.') for name in names)


@KINDS
def test_pseudo_labels_alone_teach_the_student(config, monkeypatch):
    _sure_teacher(monkeypatch, [(8, 8, 40, 48)], [1])
    model = build_teacher(config())
    losses = model.loss(*batch())
    total({k: v for k, v in losses.items() if k.startswith('unsup_')}).backward()
    assert any(name.startswith('student.backbone') for name in _gradients(model))


@KINDS
def test_without_pseudo_labels_the_unlabelled_loss_is_zero_yet_connected(
    config, monkeypatch
):
    _sure_teacher(monkeypatch, [(8, 8, 40, 48)], [1], score=0.1)
    model = build_teacher(config())
    losses = model.loss(*batch())
    unlabelled = total({k: v for k, v in losses.items() if k.startswith('unsup_')})
    assert unlabelled == 0
    unlabelled.backward()
    assert model.student.backbone.conv1.weight.grad is not None


@KINDS
def test_the_student_overfits_what_its_teacher_says(config, monkeypatch):
    _sure_teacher(monkeypatch, [(8, 8, 40, 48)], [1])
    model = build_teacher(config())
    optimizer = torch.optim.AdamW(model.student.parameters(), lr=2e-3)
    seen = []
    for _ in range(25):
        inputs, samples = batch()
        losses = model.loss(inputs, samples)
        loss = total({k: v for k, v in losses.items() if k.startswith('unsup_')})
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen.append(loss.item())
    assert seen[-1] < 0.6 * seen[0]


def test_pseudo_labels_follow_the_strong_view(monkeypatch):
    _sure_teacher(monkeypatch, [(4, 8, 24, 48)], [2])
    model = build_teacher(two_stage_config())
    inputs, samples = batch(flip=True)
    model.loss(inputs, samples)
    for sample in samples['unsup_student']:
        assert sample.gt_instances.bboxes.tolist() == [[SIZE - 24, 8, SIZE - 4, 48]]
        assert sample.gt_instances.labels.tolist() == [2]


def test_what_nearly_became_a_pseudo_label_is_ignored_where_asked(monkeypatch):
    _sure_teacher(monkeypatch, [(4, 8, 24, 48)], [2], score=0.3)
    cfg = two_stage_config(semi_train_cfg=dict(ignore_ratio=0.5))
    model = build_teacher(cfg)
    inputs, samples = batch()
    model.loss(inputs, samples)
    for sample in samples['unsup_student']:
        assert len(sample.gt_instances) == 0
        assert sample.ignored_instances.bboxes.tolist() == [[4, 8, 24, 48]]


def test_while_burning_in_unlabelled_views_are_not_needed():
    model = build_teacher(two_stage_config())
    model.burning_in = True
    inputs, samples = batch()
    losses = model.loss({'sup': inputs['sup']}, {'sup': samples['sup']})
    assert not any(name.startswith('unsup_') for name in losses)
    assert total(losses) > 0


@pytest.mark.parametrize('branch', ['sup', 'unsup_teacher', 'unsup_student'])
def test_a_missing_branch_is_said_in_one_line(branch):
    model = build_teacher(two_stage_config())
    inputs, samples = batch()
    samples[branch] = []
    with pytest.raises(ValueError, match=f'the batch has no {branch}: check'):
        model.loss(inputs, samples)


def test_settings_that_nothing_reads_are_refused():
    settings = dict(cls_pseudo_thr=0.9, unsup_weigth=1.0)
    with pytest.raises(ValueError, match='no cls_pseudo_thr, unsup_weigth;'):
        build_teacher(two_stage_config(semi_train_cfg=settings))


def test_a_class_without_labelled_boxes_gets_no_pseudo_labels(monkeypatch):
    governor = dict(
        _delete_=True,
        type='PseudoLabelGovernor',
        num_classes=NUM_CLASSES,
        interval_iters=1,
        capacity=32,
    )
    _sure_teacher(monkeypatch, [(8, 8, 40, 48), (2, 2, 20, 20)], [0, 4])
    model = build_teacher(two_stage_config(governor=governor))
    for _ in range(2):
        inputs, samples = batch()
        losses = model.loss(inputs, samples)
    for sample in samples['unsup_student']:
        assert 4 not in sample.gt_instances.labels
    assert torch.isfinite(total(losses))


def test_the_iteration_and_the_memories_are_part_of_the_checkpoint(monkeypatch):
    _sure_teacher(monkeypatch, [(8, 8, 40, 48)], [1])
    model = build_teacher(two_stage_config())
    model.loss(*batch())
    other = build_teacher(two_stage_config())
    other.load_state_dict(model.state_dict())
    assert other.iteration == 1
    assert other.labelled_views == 2
    assert torch.equal(other.governor.seen, model.governor.seen)
    assert other.governor.seen.sum() == 2


def test_the_teacher_stays_in_evaluation_mode():
    model = build_teacher(two_stage_config())
    assert model.student.training
    assert not any(module.training for module in model.teacher.modules())


def test_pictures_of_two_sizes_share_one_pass(monkeypatch):
    _sure_teacher(monkeypatch, [(8, 8, 40, 48)], [1])
    model = build_teacher(two_stage_config())
    inputs, samples = batch()
    inputs['sup'] = inputs['sup'].new_zeros(2, 3, 96, 64)
    passes = []
    extract = model.student.extract_feat
    monkeypatch.setattr(
        model.student, 'extract_feat', lambda x: passes.append(x.shape) or extract(x)
    )
    model.loss(inputs, samples)
    assert passes == [(4, 3, 96, 64)]


def test_labelled_losses_are_those_of_mmdet(monkeypatch):
    config = two_stage_config(cross_view=None)
    ours = build_teacher(config)
    peer = copy.deepcopy(config)
    for key in ('governor', 'cross_view'):
        peer.pop(key)
    for key in ('rpn_pseudo_thr', 'cls_pseudo_thr'):
        peer.semi_train_cfg[key] = 0.5
    peer.type = 'mmdet.SoftTeacher'
    theirs = MODELS.build(peer)
    assert type(theirs) is SoftTeacher
    theirs.load_state_dict(ours.state_dict(), strict=False)
    # Batch statistics would differ: one pass over both against one each.
    ours.eval()
    theirs.eval()
    inputs, samples = batch()
    torch.manual_seed(1)
    expected = theirs.loss_by_gt_instances(inputs['sup'], samples['sup'])
    torch.manual_seed(1)
    feats = ours.student.extract_feat(inputs['sup'])
    found = ours._labelled_loss(feats, samples['sup'])
    assert found.keys() == expected.keys()
    for name, loss in expected.items():
        torch.testing.assert_close(found[name], loss)


def test_what_is_missed_in_the_burn_in_is_no_evidence(monkeypatch):
    _sure_teacher(monkeypatch, [], [])
    model = build_teacher(two_stage_config())
    model.burning_in = True
    model.loss(*batch())
    assert model.governor.labelled.views == 0
    model.burning_in = False
    model.iteration.zero_()
    model.loss(*batch())
    assert model.governor.labelled.views > 0


def test_counts_are_of_what_becomes_a_pseudo_label(monkeypatch):
    _sure_teacher(monkeypatch, [(8, 8, 40, 48)], [1], score=0.38)
    config = two_stage_config(
        governor=dict(
            _delete_=True,
            type='FixedScoreThresholds',
            num_classes=NUM_CLASSES,
            thresholds=0.35,
        ),
        semi_train_cfg=dict(pseudo_label_initial_score_thr=0.4, ignore_ratio=None),
    )
    model = build_teacher(config)
    model.loss(*batch())
    assert model.governor.seen.sum() > 0
    assert model.governor.kept.sum() == 0


def test_a_cascade_is_refused_before_it_is_trained():
    config = two_stage_config()
    roi_head = config.detector.roi_head
    roi_head.update(type='CascadeRoIHead', num_stages=1, stage_loss_weights=[1.0])
    config.detector.train_cfg.rcnn = [config.detector.train_cfg.rcnn]
    with pytest.raises(TypeError, match='StandardRoIHead.*CascadeRoIHead'):
        MODELS.build(config)
