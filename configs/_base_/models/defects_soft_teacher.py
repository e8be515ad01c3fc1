"""Soft Teacher over linked views around the Faster R-CNN of the supervised twin."""

_base_ = ['./defects_faster_rcnn.py']

detector = _base_.model
model = dict(
    _delete_=True,
    type='MultiViewSoftTeacher',
    detector=detector,
    data_preprocessor=dict(
        type='MultiBranchDataPreprocessor',
        data_preprocessor=detector.data_preprocessor,
    ),
    governor=dict(type='FixedScoreThresholds', num_classes=5, thresholds=0.5),
    cross_view=dict(
        type='CrossViewTransformer',
        num_classes=5,
        roi_extractor=detector.roi_head.bbox_roi_extractor,
    ),
    semi_train_cfg=dict(
        freeze_teacher=True,
        sup_weight=1.0,
        unsup_weight=1.0,
        pseudo_label_initial_score_thr=0.05,
        reg_pseudo_thr=0.02,
        jitter_times=10,
        jitter_scale=0.06,
        min_pseudo_bbox_wh=(1e-2, 1e-2),
        labelled_every=4,
    ),
    semi_test_cfg=dict(predict_on='teacher'),
)
