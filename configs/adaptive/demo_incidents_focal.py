"""Uniform with a focal loss on severity.

Command: python tools/train.py configs/adaptive/demo_incidents_focal.py
Hardware: 1 CPU core, 2 minutes. Result: see docs/classification/results.md.
"""

_base_ = ['./demo_incidents_uniform.py']

focal = dict(_delete_=True, type='SafetyFocalLoss', alpha=1.0)
model = dict(heads=dict(severity=dict(loss=focal)))
