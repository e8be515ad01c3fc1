"""kitchen_natural.py with a loss that counts bare hands ten times.

Command: python tools/train.py configs/kitchen/kitchen_weighted.py
Hardware: one GPU with 8 GB. Result: not measured; see demo_weighted.py.
"""

_base_ = ['./kitchen_natural.py']

model = dict(bbox_head=dict(loss_cls=dict(class_weight=_base_.violation_weight)))
