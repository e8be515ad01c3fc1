"""Soft Teacher with fitted anchors, one activation, and thresholds that adapt.

Command: python tools/train.py configs/defects/ours.py
Hardware: one GPU with 16 GB. Result: not measured; see demo_ours.py.
"""

_base_ = [
    '../_base_/iters_runtime.py',
    '../_base_/models/defects_soft_teacher.py',
    '../_base_/datasets/defects_ssod.py',
    '../_base_/schedules/adamw_iters.py',
]

model = dict(
    detector=dict(
        rpn_head=dict(
            anchor_generator=dict(
                _delete_=True,
                type='maxsight_mm.AspectAnchorGenerator',
                aspects_wh=[0.34, 0.45, 0.61, 1.0, 2.0],
                scales=[8],
                strides=[4, 8, 16, 32, 64],
            ),
        ),
        roi_head=dict(
            bbox_head=dict(
                loss_cls=dict(
                    _delete_=True, type='maxsight_mm.SafetyFocalLoss', gamma=1.0
                )
            )
        ),
        train_cfg=dict(
            rpn=dict(assigner=dict(ignore_iof_thr=0.5)),
            rcnn=dict(assigner=dict(ignore_iof_thr=0.5)),
        ),
    ),
    governor=dict(_delete_=True, type='PseudoLabelGovernor', num_classes=5),
    semi_train_cfg=dict(ignore_ratio=0.5),
)
custom_hooks = [dict(type='BurnInMeanTeacherHook', burn_in_iters=2500, momentum=0.001)]
