"""demo_natural.py with a loss that counts bare hands ten times.

Command: python tools/train.py configs/kitchen/demo_weighted.py
Hardware: 1 CPU core. Result: see docs/kitchen.md.
"""

_base_ = ['./demo_natural.py']

model = dict(bbox_head=dict(loss_cls=dict(class_weight=_base_.violation_weight)))
