"""The recipe before its change: five anchor ratios, thresholds 0.5 / 0.4 / 0.4.

As the recipe has it, faults included: the ratios are meant as width / height but read
as height / width, and the RoI head trains sigmoids and scores with a softmax.
Command: python tools/train.py configs/defects/seed_baseline.py
Hardware: one GPU with 16 GB. Result: not measured; see demo_seed_baseline.py.
"""

_base_ = [
    '../_base_/iters_runtime.py',
    '../_base_/defects_watch.py',
    '../_base_/models/defects_soft_teacher.py',
    '../_base_/datasets/defects_ssod_mild.py',
    '../_base_/schedules/adamw_iters.py',
]

model = dict(
    detector=dict(
        rpn_head=dict(
            anchor_generator=dict(ratios=[0.2, 0.35, 0.5, 1.0, 2.0]),
            loss_cls=dict(
                _delete_=True,
                type='FocalLoss',
                use_sigmoid=True,
                gamma=2.0,
                alpha=0.75,
                loss_weight=3.0,
            ),
        ),
        roi_head=dict(
            bbox_head=dict(
                loss_cls=dict(
                    _delete_=True,
                    type='FocalLoss',
                    use_sigmoid=True,
                    gamma=2.5,
                    alpha=0.75,
                    loss_weight=2.0,
                )
            )
        ),
    ),
    governor=dict(thresholds=0.4),
    semi_train_cfg=dict(pseudo_label_initial_score_thr=0.5),
)
train_dataloader = dict(batch_size=16, sampler=dict(batch_size=16, views_per_part=8))
custom_hooks = [
    dict(type='BurnInMeanTeacherHook', burn_in_iters=2500, momentum=0.001),
    *_base_.watch,
]
