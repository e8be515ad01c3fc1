"""The research recipe (advanced, tasks by difficulty) in CPU minutes.

Command: python tools/train.py configs/adaptive/demo_incidents_research.py
Hardware: 1 CPU core, 2 minutes. Result: see docs/classification/results.md.
"""

_base_ = [
    './multi_task_research.py',
    '../_base_/models/incidents_cpu.py',
]

model = _base_.cpu_model
train_dataloader = _base_.small_train
val_dataloader = _base_.small_val
test_dataloader = val_dataloader
train_cfg = _base_.cpu_schedule
optim_wrapper = _base_.cpu_optim
default_hooks = _base_.cpu_hooks
