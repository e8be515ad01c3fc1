"""The simple recipe: severities are drawn equally often, no class weights.

tools/train_tasks.py configs/adaptive/multi_task_uniform.py --multi-task
--balanced-sampling severity --disable-class-weights
Command: python tools/train.py configs/adaptive/multi_task_simple.py
Hardware: 1 GPU. Result: not measured; see demo_incidents_simple.py.
"""

_base_ = ['./multi_task_uniform.py']

train_dataloader = dict(
    sampler=dict(_delete_=True, type='ClassBalancedSampler', task='severity')
)
