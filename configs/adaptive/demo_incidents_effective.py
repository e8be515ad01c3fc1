"""Uniform with class weights by effective number.

Command: python tools/train.py configs/adaptive/demo_incidents_effective.py
Hardware: 1 CPU core, 2 minutes. Result: see docs/classification/results.md.
"""

_base_ = ['./demo_incidents_uniform.py']

weighted = dict(class_weight='effective_number')
model = dict(
    heads=dict(
        action_class=dict(loss=weighted),
        severity=dict(loss=weighted),
        offence=dict(loss=weighted),
    )
)
