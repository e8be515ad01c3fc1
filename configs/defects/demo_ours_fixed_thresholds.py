"""demo_ours.py with the recipe's thresholds: what the governor is worth.

Command: python tools/train.py configs/defects/demo_ours_fixed_thresholds.py
Hardware: 2 CPU cores. Result: see docs/defects_results.md.
"""

_base_ = ['./demo_ours.py']

model = dict(
    governor=dict(
        _delete_=True, type='FixedScoreThresholds', num_classes=5, thresholds=0.35
    ),
    semi_train_cfg=dict(pseudo_label_initial_score_thr=0.4, ignore_ratio=None),
)
