"""Uniform with tasks weighed anew after each epoch: difficulty.

Command: python tools/train.py configs/adaptive/demo_incidents_difficulty.py
Hardware: 1 CPU core, 2 minutes. Result: see docs/classification/results.md.
"""

_base_ = ['./demo_incidents_uniform.py']

optim_wrapper = dict(
    type='BalancedOptimWrapper',
    balancer=dict(type='MetricBalancer', strategy='difficulty'),
)
default_hooks = dict(adaptive_task_weight=dict(type='AdaptiveTaskWeightHook'))
