"""Uniform with tasks weighed anew after each epoch: inverse_accuracy.

Command: python tools/train.py configs/adaptive/demo_incidents_inverse_accuracy.py
Hardware: 1 CPU core, 2 minutes. Result: see docs/classification/results.md.
"""

_base_ = ['./demo_incidents_uniform.py']

optim_wrapper = dict(
    type='BalancedOptimWrapper',
    balancer=dict(type='MetricBalancer', strategy='inverse_accuracy'),
)
default_hooks = dict(adaptive_task_weight=dict(type='AdaptiveTaskWeightHook'))
