"""kitchen_balanced.py with the loss of kitchen_weighted.py.

Command: python tools/train.py configs/kitchen/kitchen_both.py
Hardware: one GPU with 8 GB. Result: not measured; see demo_both.py.
"""

_base_ = ['./kitchen_balanced.py']

model = dict(bbox_head=dict(loss_cls=dict(class_weight=_base_.violation_weight)))
