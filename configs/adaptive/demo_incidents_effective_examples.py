"""Effective-number weights whose mean is 1 over examples, not over classes.

Command: python tools/train.py configs/adaptive/demo_incidents_effective_examples.py
Hardware: 1 CPU core, 2 minutes. Result: see docs/classification/results.md.
"""

_base_ = ['./demo_incidents_uniform.py']

weights = dict(_delete_=True, policy='effective_number', mean_of='examples')
weighted = dict(class_weight=weights)
model = dict(
    heads=dict(
        action_class=dict(loss=weighted),
        severity=dict(loss=weighted),
        offence=dict(loss=weighted),
    )
)
