"""demo_ours.py with the recipe's anchors: what fitted ones are worth.

Command: python tools/train.py configs/defects/demo_ours_recipe_anchors.py
Hardware: 2 CPU cores. Result: see docs/defects_results.md.
"""

_base_ = ['./demo_ours.py']

model = dict(
    detector=dict(
        rpn_head=dict(
            anchor_generator=dict(
                _delete_=True,
                type='AnchorGenerator',
                ratios=[0.2, 0.35, 0.45, 0.55, 0.65, 1.0, 2.0],
                scales=[4],
                strides=[4, 8, 16, 32],
            )
        )
    )
)
