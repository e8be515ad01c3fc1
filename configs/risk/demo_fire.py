"""Fire or normal on 258 photographs, from random weights, in CPU minutes.

Differs from risk_resnet18.py: a narrow backbone that learns, 112 pixels, Mixup, more
epochs. Data: a table of pictures with folds, see docs/classification/results.md.
Command: python tools/analysis_tools/cross_validate.py configs/risk/demo_fire.py
Hardware: 1 CPU core. Result: see docs/classification/results.md.
"""

_base_ = ['./risk_resnet18.py']

fold = '0'
folds = ('0', '1', '2', '3', '4')
tasks = dict(risk=('normal', 'fire'))
model = dict(
    backbone=_base_.small_backbone,
    feature_channels=_base_.small_channels,
    freeze_backbone=False,
    batch_mix=dict(type='BatchMix', mixup_alpha=0.2),
)
side = 112
train_pipeline = [
    dict(type='LoadSafeImage'),
    dict(type='Resize', scale=(136, 136), keep_ratio=False),
    dict(type='RandomCrop', crop_size=(side, side), allow_negative_crop=True),
    *_base_.change,
    dict(type='PackTaskInputs'),
]
test_pipeline = [
    dict(type='LoadSafeImage'),
    dict(type='Resize', scale=(side, side), keep_ratio=False),
    dict(type='PackTaskInputs'),
]
table = dict(
    _delete_=True,
    type='ImageTaskDataset',
    tasks=tasks,
    data_root='{{$MAXSIGHT_DATA:data}}/fire/',
    ann_file='folds.csv',
    if_missing='make it with tools/dataset_tools/split_images.py, or set MAXSIGHT_DATA',
)
train_dataloader = dict(
    batch_size=16,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        pipeline=train_pipeline,
        where=dict(fold=[name for name in folds if name != fold]),
        **table,
    ),
)
val_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(
        pipeline=test_pipeline, where=dict(fold=fold), test_mode=True, **table
    ),
)
test_dataloader = val_dataloader
optim_wrapper = dict(optimizer=dict(lr=2e-3))
train_cfg = dict(max_epochs=100, val_interval=100)
default_hooks = dict(checkpoint=dict(interval=100))
