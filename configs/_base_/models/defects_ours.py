"""Soft Teacher with fitted anchors, one activation, and thresholds that adapt.

The RoI head keeps MMDetection's cross entropy: its scores are probabilities, in
training and in inference, and no focus lifts the pseudo-labels that are wrong.
"""

_base_ = ['./defects_soft_teacher.py']

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
        train_cfg=dict(
            rpn=dict(assigner=dict(ignore_iof_thr=0.5)),
            rcnn=dict(assigner=dict(ignore_iof_thr=0.5)),
        ),
    ),
    # Thresholds by class that follow the teacher, weights by estimated precision.
    governor=dict(_delete_=True, type='PseudoLabelGovernor', num_classes=5),
    # What nearly became a pseudo-label is no background.
    semi_train_cfg=dict(ignore_ratio=0.5, unsup_weight=0.5),
)
