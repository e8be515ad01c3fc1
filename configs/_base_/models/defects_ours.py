"""Soft Teacher with fitted anchors, one activation, and thresholds that adapt."""

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
        roi_head=dict(
            bbox_head=dict(
                # One activation at both ends; in a softmax alpha is a plain factor.
                loss_cls=dict(
                    _delete_=True,
                    type='maxsight_mm.SafetyFocalLoss',
                    use_sigmoid=False,
                    gamma=1.0,
                    alpha=1.0,
                )
            )
        ),
        train_cfg=dict(
            rpn=dict(assigner=dict(ignore_iof_thr=0.5)),
            rcnn=dict(assigner=dict(ignore_iof_thr=0.5)),
        ),
    ),
    # Thresholds by class that follow the teacher, weights by estimated precision.
    governor=dict(_delete_=True, type='PseudoLabelGovernor', num_classes=5),
    # What nearly became a pseudo-label is no background.
    semi_train_cfg=dict(
        ignore_ratio=0.5,
        # At 0.02 hardly a box of a young teacher teaches its place.
        reg_pseudo_thr=0.1,
    ),
)
