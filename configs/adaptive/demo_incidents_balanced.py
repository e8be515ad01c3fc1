"""Uniform with balanced class weights.

Command: python tools/train.py configs/adaptive/demo_incidents_balanced.py
Hardware: 1 CPU core, 2 minutes. Result: see docs/classification/results.md.
"""

_base_ = ['./demo_incidents_uniform.py']

weighted = dict(class_weight='balanced')
model = dict(
    heads=dict(
        action_class=dict(loss=weighted),
        severity=dict(loss=weighted),
        offence=dict(loss=weighted),
    )
)
