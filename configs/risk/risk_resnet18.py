"""Safe or unsafe: ResNet-18 with ImageNet weights, a frozen backbone, one new layer.

Data: class folders data/risk/{train,val}/{safe,unsafe}.
Command: python tools/train.py configs/risk/risk_resnet18.py
Hardware: 1 GPU, or CPU with patience. Result: not measured.
"""

_base_ = [
    '../_base_/models/image_tasks_resnet18.py',
    '../_base_/datasets/image_tasks.py',
    '../_base_/schedules/adamw_15_epochs.py',
    '../_base_/tasks_runtime.py',
]

tasks = dict(risk=('safe', 'unsafe'))
model = dict(
    freeze_backbone=True,
    heads=dict(
        risk=dict(
            num_classes=2,
            dropout=0.3,
            loss=dict(type='SafetyCrossEntropyLoss', class_weight='balanced'),
        )
    ),
)
folder = dict(
    tasks=tasks,
    if_missing='it holds train/ and val/ with a folder for each class; see '
    'docs/classification/model.md',
)
train_dataloader = dict(dataset=dict(data_root='data/risk/train', **folder))
val_dataloader = dict(dataset=dict(data_root='data/risk/val', **folder))
test_dataloader = val_dataloader
