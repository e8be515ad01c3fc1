"""demo_balanced.py with the loss of demo_weighted.py.

Command: python tools/train.py configs/kitchen/demo_both.py
Hardware: 1 CPU core. Result: see docs/kitchen.md.
"""

_base_ = ['./demo_balanced.py']

model = dict(bbox_head=dict(loss_cls=dict(class_weight=_base_.violation_weight)))
