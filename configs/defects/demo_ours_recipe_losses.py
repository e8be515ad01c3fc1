"""demo_ours.py with the recipe's losses: what one activation is worth.

Command: python tools/train.py configs/defects/demo_ours_recipe_losses.py
Hardware: 2 CPU cores. Result: see docs/defects_results.md.
"""

_base_ = ['./demo_ours.py']

model = dict(
    detector=dict(
        rpn_head=dict(
            loss_cls=dict(
                _delete_=True,
                type='FocalLoss',
                use_sigmoid=True,
                gamma=2.5,
                alpha=0.75,
                loss_weight=3.0,
            )
        ),
        roi_head=dict(
            bbox_head=dict(
                loss_cls=dict(
                    _delete_=True,
                    type='FocalLoss',
                    use_sigmoid=True,
                    gamma=3.5,
                    alpha=0.75,
                    loss_weight=2.5,
                )
            )
        ),
    )
)
