"""Action, severity and offence with plain cross entropy: what the recipes start from.

Data: python tools/dataset_tools/make_synthetic.py incidents data/incidents
Command: python tools/train.py configs/adaptive/multi_task_uniform.py
Hardware: 1 GPU. Result: not measured; see demo_incidents_uniform.py.
"""

_base_ = [
    '../_base_/models/image_tasks_resnet18.py',
    '../_base_/datasets/incidents.py',
    '../_base_/schedules/adamw_15_epochs.py',
    '../_base_/tasks_runtime.py',
]

plain = dict(type='SafetyCrossEntropyLoss', class_weight=None)
model = dict(
    heads=dict(
        action_class=dict(num_classes=6, loss=plain),
        severity=dict(num_classes=4, loss=plain),
        offence=dict(num_classes=3, loss=plain),
    )
)
