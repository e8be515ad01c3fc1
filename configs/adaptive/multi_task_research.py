"""The research recipe: the advanced one, with tasks weighed by their difficulty.

tools/train_tasks.py configs/adaptive/multi_task_uniform.py --multi-task
--effective-class-weights --adaptive-weights --weighting-strategy difficulty
--loss-types action_class ce severity focal offence ce
Command: python tools/train.py configs/adaptive/multi_task_research.py
Hardware: 1 GPU. Result: not measured; see demo_incidents_research.py.
"""

_base_ = ['./multi_task_advanced.py']

optim_wrapper = dict(
    type='BalancedOptimWrapper',
    balancer=dict(type='MetricBalancer', strategy='difficulty'),
)
default_hooks = dict(adaptive_task_weight=dict(type='AdaptiveTaskWeightHook'))
