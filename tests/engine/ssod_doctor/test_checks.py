import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from mmdet.models.losses import FocalLoss
from mmdet.models.roi_heads.bbox_heads import Shared2FCBBoxHead

from maxsight_mm.engine.ssod_doctor import examine, read_case
from maxsight_mm.engine.ssod_doctor.activation import check_activation
from maxsight_mm.engine.ssod_doctor.flat_confidence import check_flat_confidence
from maxsight_mm.engine.ssod_doctor.idle_thresholds import check_idle_thresholds
from maxsight_mm.engine.ssod_doctor.low_coverage import check_low_coverage
from maxsight_mm.engine.ssod_doctor.ratio_convention import check_ratio_convention
from maxsight_mm.engine.ssod_doctor.reachable_thresholds import (
    check_reachable_thresholds,
)
from maxsight_mm.engine.ssod_doctor.softmax_alpha import check_softmax_alpha
from maxsight_mm.engine.ssod_doctor.teacher_update import check_teacher_update
from maxsight_mm.engine.ssod_doctor.unlabelled_batch import (
    check_unlabelled_batch,
    source_counts,
)


def only(findings, severity, *words):
    """The one finding, after a look at its severity and text."""
    assert len(findings) == 1, findings
    assert findings[0].severity == severity
    for word in words:
        assert word in str(findings[0])
    assert '\n' not in str(findings[0])
    return findings[0]


def roi_loss(config, **loss):
    config.model.detector.roi_head.bbox_head.loss_cls = loss


def rpn_loss(config, **loss):
    config.model.detector.rpn_head.loss_cls = loss


def test_nothing_to_say_of_the_corrected_config(corrected):
    assert examine(corrected) == []


def test_recipe_has_all_its_faults(recipe):
    found = [(each.severity, each.check) for each in examine(recipe)]
    assert found == [
        ('error', 'activation'),
        ('error', 'ratio_convention'),
        ('warning', 'flat_confidence'),
        ('warning', 'reachable_thresholds'),
        ('warning', 'idle_thresholds'),
        ('warning', 'idle_thresholds'),
    ]


def test_config_without_a_teacher_is_refused(corrected):
    corrected.model = corrected.model.detector
    with pytest.raises(ValueError, match='not semi-supervised'):
        examine(corrected)


def test_swapped_ratios_are_an_error(recipe):
    found = only(check_ratio_convention(read_case(recipe)), 'error', 'height / width')
    assert 'aspects_wh=[0.2, 0.35, 0.45, 0.55, 0.65, 1.0, 2.0]' in found.instead


def test_ratios_that_suit_some_classes_only_are_a_warning(recipe):
    case = read_case(recipe)
    boxes = case.boxes.boxes.copy()
    wide = np.isin(case.boxes.labels, (2, 3, 4))
    boxes[wide] = boxes[wide][:, [1, 0, 3, 2]]
    mixed = replace(case, boxes=replace(case.boxes, boxes=boxes))
    only(check_ratio_convention(mixed), 'warning', 'Severe_Rust', 'Chipped')


def test_symmetric_ratios_are_no_error(recipe):
    recipe.model.detector.rpn_head.anchor_generator.ratios = [0.5, 1.0, 2.0]
    assert check_ratio_convention(read_case(recipe)) == []


def test_boxes_smaller_than_every_anchor_are_reported(corrected):
    assert check_low_coverage(read_case(corrected)) == []
    corrected.model.detector.rpn_head.anchor_generator.scales = [64]
    only(check_low_coverage(read_case(corrected)), 'warning', 'Severe_Rust 0 %')


@pytest.mark.parametrize(
    'loss',
    [
        dict(type='FocalLoss'),
        dict(type='maxsight_mm.SafetyFocalLoss', use_sigmoid=True),
        dict(type='CrossEntropyLoss', use_sigmoid=True),
    ],
    ids=lambda loss: loss['type'],
)
def test_sigmoid_loss_in_an_roi_head_is_an_error(corrected, loss):
    roi_loss(corrected, **loss)
    found = only(check_activation(read_case(corrected)), 'error', 'roi_head.bbox_head')
    assert '6 independent sigmoids' in found.what


@pytest.mark.parametrize(
    'loss',
    [
        dict(type='CrossEntropyLoss', use_sigmoid=False),
        dict(type='maxsight_mm.SafetyFocalLoss'),
        dict(type='FocalCustomLoss', num_classes=5),
        dict(type='SeesawLoss', num_classes=5),
    ],
    ids=lambda loss: loss['type'],
)
def test_loss_with_one_activation_is_fine(corrected, loss):
    roi_loss(corrected, **loss)
    assert check_activation(read_case(corrected)) == []


def test_the_mismatch_is_what_mmdet_does():
    # The check's premise: C + 1 trained sigmoids, a softmax at prediction.
    head = Shared2FCBBoxHead(
        num_classes=2, in_channels=1, roi_feat_size=1, fc_out_channels=1,
        loss_cls=dict(type='FocalLoss'),
    )  # fmt: skip
    logits = torch.tensor([[2.0, -1.0, 0.5]])
    boxes = torch.zeros(1, 8)
    rois = torch.tensor([[0, 0, 0, 9.0, 9.0]])
    shape = dict(img_shape=(20, 20))
    scores = head._predict_by_feat_single(rois, logits, boxes, shape).scores
    torch.testing.assert_close(scores, logits.softmax(-1))
    for label in (0, 2):  # 2 is the background, and it is a positive like the others
        p = torch.where(torch.arange(3) == label, logits.sigmoid(), (-logits).sigmoid())
        alpha = torch.where(torch.arange(3) == label, 0.25, 0.75)
        expected = (alpha * (1 - p) ** 2 * -p.log()).sum()
        loss = FocalLoss(reduction='sum')(logits, torch.tensor([label]))
        torch.testing.assert_close(loss, expected)


def test_dense_head_that_does_not_write_use_sigmoid_is_an_error(corrected):
    rpn_loss(corrected, type='FocalLoss', gamma=2.0)
    only(
        check_activation(read_case(corrected)), 'error', 'rpn_head', 'use_sigmoid=True'
    )
    rpn_loss(corrected, type='FocalLoss', use_sigmoid=True)
    assert check_activation(read_case(corrected)) == []


def test_detector_that_does_not_build_is_one_error(corrected):
    roi_loss(corrected, type='FocalLoss', use_sigmoid=False)
    only(check_activation(read_case(corrected)), 'error', 'Only sigmoid focal loss')
    assert [each.check for each in examine(corrected)] == ['activation']


def test_alpha_in_a_softmax_is_noted_if_written(corrected):
    assert check_softmax_alpha(read_case(corrected)) == []
    corrected.model.detector.roi_head.bbox_head.loss_cls.alpha = 0.75
    only(check_softmax_alpha(read_case(corrected)), 'note', 'alpha=0.75')


def test_gamma_above_two_and_a_half_is_reported_with_its_scores(recipe, corrected):
    found = only(check_flat_confidence(read_case(recipe)), 'warning', 'gamma=3.5')
    assert 'scores 0.25' in found.why and '0.9 only 0.47' in found.why
    assert 'weighs 47 times' in found.why
    assert check_flat_confidence(read_case(corrected)) == []


def test_threshold_of_one_is_an_error(corrected):
    corrected.model.semi_train_cfg.cls_pseudo_thr = 1.0
    only(check_reachable_thresholds(read_case(corrected)), 'error', 'cls_pseudo_thr=1')


def test_threshold_above_what_the_loss_gives_is_an_error(corrected):
    assert check_reachable_thresholds(read_case(corrected)) == []
    roi_loss(corrected, type='FocalCustomLoss', num_classes=5)
    corrected.model.semi_train_cfg.cls_pseudo_thr = 0.9
    found = check_reachable_thresholds(read_case(corrected))
    assert [each.severity for each in found] == ['warning', 'error']
    assert 'cls_pseudo_thr=0.9' in found[1].what and 'nearly none' in found[1].why


def test_threshold_that_half_sure_boxes_never_pass_is_a_warning(recipe):
    found = only(check_reachable_thresholds(read_case(recipe)), 'warning')
    assert 'initial_score_thr=0.4' in found.what and '0.30 to 0.83' in found.why


def test_threshold_that_wrong_boxes_pass_is_a_warning(corrected):
    roi_loss(corrected, type='FocalCustomLoss', num_classes=5, gamma=2.5, alpha=0.75)
    corrected.model.semi_train_cfg.update(
        pseudo_label_initial_score_thr=0.45, cls_pseudo_thr=0.45, rpn_pseudo_thr=0.45
    )
    only(check_reachable_thresholds(read_case(corrected)), 'warning', 'is wrong')


def test_thresholds_of_a_governor_are_read(corrected):
    corrected.model.governor = dict(type='FixedScoreThresholds', thresholds=0.25)
    case = read_case(corrected)
    only(check_idle_thresholds(case), 'warning', 'governor.thresholds=0.25')
    corrected.model.governor.thresholds = [0.2, 0.4, 0.4, 0.4, 1.2]
    only(check_reachable_thresholds(case), 'error', 'governor.thresholds=1.2')
    assert check_idle_thresholds(case) == []


def test_thresholds_at_or_below_the_initial_one_are_reported(recipe, corrected):
    found = check_idle_thresholds(read_case(recipe))
    assert [each.what for each in found] == [
        'model.semi_train_cfg.rpn_pseudo_thr=0.35',
        'model.semi_train_cfg.cls_pseudo_thr=0.35',
    ]
    assert check_idle_thresholds(read_case(corrected)) == []


@pytest.fixture
def case(corrected):
    """The corrected case without its detector, for checks of settings and data."""
    read = read_case(corrected)
    assert check_unlabelled_batch(read) == []
    assert check_teacher_update(read) == []
    return replace(read, detector=None)


def test_weight_zero_is_an_error(case):
    case.config.model.semi_train_cfg.unsup_weight = 0
    only(check_unlabelled_batch(case), 'error', 'unsup_weight=0')


def test_ratio_that_rounds_to_no_unlabelled_picture_is_an_error(case):
    assert source_counts(5, [1, 4]) == [1, 4]
    assert source_counts(4, [4, 1]) == [4, 0]
    loader = case.config.train_dataloader
    loader.batch_size = loader.sampler.batch_size = 4
    loader.sampler.source_ratio = [4, 1]
    only(check_unlabelled_batch(case), 'error', 'no unlabelled picture')


def test_two_batch_sizes_are_an_error(case):
    case.config.train_dataloader.batch_size = 8
    only(check_unlabelled_batch(case), 'error', 'batch_size=8')


def test_ordinary_sampler_is_a_warning(case):
    case.config.train_dataloader.sampler = dict(type='DefaultSampler', shuffle=True)
    only(check_unlabelled_batch(case), 'warning', 'DefaultSampler')


def test_missing_unlabelled_file_is_an_error(corrected, data_root):
    (data_root / 'unlabelled.json').unlink()
    only(examine(corrected), 'error', 'unlabelled data set', 'no such file')


def test_empty_unlabelled_file_is_an_error(corrected, data_root):
    path = data_root / 'unlabelled.json'
    path.write_text(json.dumps(dict(images=[], annotations=[], categories=[])))
    only(check_unlabelled_batch(read_case(corrected)), 'error', 'has no pictures')


def test_filter_that_drops_every_unlabelled_picture_is_an_error(corrected):
    leaf = corrected.train_dataloader.dataset.datasets[1]
    leaf.filter_cfg = dict(filter_empty_gt=True)
    only(check_unlabelled_batch(read_case(corrected)), 'error', 'filter_empty_gt=True')


def test_same_pictures_twice_are_an_error(corrected):
    corrected.train_dataloader.dataset.datasets[1].ann_file = 'labelled.json'
    only(check_unlabelled_batch(read_case(corrected)), 'error', 'the same pictures')


def test_one_data_set_is_an_error(corrected):
    corrected.train_dataloader.dataset.datasets.pop()
    only(check_unlabelled_batch(read_case(corrected)), 'error', 'one data set')


def test_labelled_file_without_boxes_is_an_error(corrected, data_root):
    path = data_root / 'labelled.json'
    path.write_text(json.dumps(dict(json.loads(path.read_text()), annotations=[])))
    only(examine(corrected), 'error', 'has no boxes')


def test_folder_of_pictures_may_be_the_unlabelled_set(corrected, data_root):
    leaf = corrected.train_dataloader.dataset.datasets[1]
    leaf.pop('ann_file')
    only(check_unlabelled_batch(read_case(corrected)), 'error', 'there is no folder')
    (data_root / 'images').mkdir()
    only(check_unlabelled_batch(read_case(corrected)), 'error', 'has no pictures')
    Path(data_root / 'images' / 'a.png').touch()
    assert check_unlabelled_batch(read_case(corrected)) == []


def test_missing_teacher_hook_is_an_error(case):
    case.config.custom_hooks = []
    only(check_teacher_update(case), 'error', 'random head', 'and so are the tests')


def test_hook_of_ours_counts_as_teacher_hook(case):
    case.config.custom_hooks = [dict(type='maxsight_mm.BurnInMeanTeacherHook')]
    assert check_teacher_update(case) == []
    case.config.custom_hooks[0]['burn_in_iters'] = 180_000
    only(check_teacher_update(case), 'error', 'the training ends at 180000')


def test_momentum_given_as_decay_is_an_error(case):
    case.config.custom_hooks[0].momentum = 0.999
    only(check_teacher_update(case), 'error', 'momentum=0.001 for a decay of 0.999')


def test_skipped_buffers_with_trained_batch_norms_are_an_error(corrected):
    backbone = corrected.model.detector.backbone
    backbone.update(norm_eval=False, norm_cfg=dict(type='BN', requires_grad=True))
    only(check_teacher_update(read_case(corrected)), 'error', 'skip_buffer=True')
    corrected.custom_hooks[0].skip_buffer = False
    assert check_teacher_update(read_case(corrected)) == []
