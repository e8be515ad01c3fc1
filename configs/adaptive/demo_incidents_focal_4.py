"""Focal loss on severity, four times as large: a focal loss is quieter than plain ones.

Command: python tools/train.py configs/adaptive/demo_incidents_focal_4.py
Hardware: 1 CPU core, 2 minutes. Result: see docs/classification/results.md.
"""

_base_ = ['./demo_incidents_focal.py']

model = dict(heads=dict(severity=dict(loss_weight=4.0)))
