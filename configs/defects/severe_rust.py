"""ours.py for Severe_Rust: its boxes weigh double, its look-alikes are learnt more.

Command: python tools/train.py configs/defects/severe_rust.py
Hardware: one GPU with 16 GB. Result: not measured.
"""

_base_ = ['./ours.py']

# Severe_Rust, Chipped, Broken, Tip_Wear, Scratched, background
model = dict(
    detector=dict(
        roi_head=dict(
            bbox_head=dict(loss_cls=dict(class_weight=[2.0, 1.0, 1.0, 1.0, 1.0, 1.0]))
        )
    )
)
