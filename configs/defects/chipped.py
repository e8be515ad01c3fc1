"""ours.py for Chipped: its boxes weigh double, and anchors of half the size are added.

Command: python tools/train.py configs/defects/chipped.py
Hardware: one GPU with 16 GB. Result: not measured.
"""

_base_ = ['./ours.py']

# Severe_Rust, Chipped, Broken, Tip_Wear, Scratched, background
model = dict(
    detector=dict(
        rpn_head=dict(anchor_generator=dict(scales=[4, 8])),
        roi_head=dict(
            bbox_head=dict(loss_cls=dict(class_weight=[1.0, 2.0, 1.0, 1.0, 1.0, 1.0]))
        ),
    )
)
