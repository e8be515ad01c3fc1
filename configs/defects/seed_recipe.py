"""The recipe for narrow, low-contrast defects, faults included.

What it changes: larger focal exponents, ratios 0.45, 0.55 and 0.65, lower thresholds,
wider colour ranges. The doctor says what is wrong with it:
python tools/analysis_tools/ssod_doctor.py configs/defects/seed_recipe.py
Command: python tools/train.py configs/defects/seed_recipe.py
Hardware: one GPU with 16 GB. Result: not measured; see demo_seed_recipe.py.
"""

_base_ = ['./seed_baseline.py']

model = dict(
    detector=dict(
        rpn_head=dict(
            anchor_generator=dict(ratios=[0.2, 0.35, 0.45, 0.55, 0.65, 1.0, 2.0]),
            loss_cls=dict(gamma=2.5),
        ),
        roi_head=dict(bbox_head=dict(loss_cls=dict(gamma=3.5, loss_weight=2.5))),
    ),
    governor=dict(thresholds=0.35),
    semi_train_cfg=dict(pseudo_label_initial_score_thr=0.4),
)
train_dataloader = dict(dataset=dict(datasets=_base_.turned_sets))
