"""Uniform with four times the loss of severity.

Command: python tools/train.py configs/adaptive/demo_incidents_severity_4.py
Hardware: 1 CPU core, 2 minutes. Result: see docs/classification/results.md.
"""

_base_ = ['./demo_incidents_uniform.py']

model = dict(heads=dict(severity=dict(loss_weight=4.0)))
