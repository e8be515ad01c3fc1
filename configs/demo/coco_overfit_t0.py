"""Proof that T0 learns real pictures: 64 images of COCO, learnt by heart.

Changes from tier_t0: ResNet-18 from random weights at 320 px, 64 training images
that are also the test images, labels of zone and urgency by rule of thumb.
Command: MAXSIGHT_DATA=<folder with coco128_256> tools/train.py
configs/demo/coco_overfit_t0.py
Hardware: 2 CPU cores, about 15 minutes. Result: see docs/results.md.
"""

_base_ = ['../_base_/default_runtime.py', '../_base_/models/safety_pass.py']

data_root = '{{$MAXSIGHT_DATA:data}}/coco128_256/'
num_images = 64
max_epochs = 90
channels = 128
num_classes = 80

pipeline = [
    dict(type='LoadSafeImage'),
    dict(type='LoadTaskAnnotations', with_bbox=True),
    dict(type='Resize', scale=(320, 320), keep_ratio=True),
    dict(type='PackTaskInputs'),
]
train_dataloader = dict(
    batch_size=8,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    batch_sampler=dict(type='AspectRatioBatchSampler'),
    dataset=dict(
        type='MaxSightCocoDataset',
        data_root=data_root,
        ann_file='coco/instances_train.json',
        labels_for_missing='heuristic',
        bad_boxes='clip',
        if_missing='set MAXSIGHT_DATA to the folder that holds coco128_256',
        indices=num_images,
        pipeline=pipeline,
    ),
)
val_dataloader = dict(
    batch_size=8,
    num_workers=1,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='MaxSightCocoDataset',
        data_root=data_root,
        ann_file='coco/instances_train.json',
        labels_for_missing='heuristic',
        bad_boxes='clip',
        if_missing='set MAXSIGHT_DATA to the folder that holds coco128_256',
        indices=num_images,
        test_mode=True,
        pipeline=pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = [
    dict(type='DetectionMetric'),
    dict(type='SafetyMetric'),
    dict(type='CalibrationMetric'),
]
test_evaluator = val_evaluator

model = dict(
    safety_pass=dict(depth=18, channels=channels),
    safety_heads=dict(
        objectness=dict(in_channels=channels),
        classification=dict(in_channels=channels, num_classes=num_classes),
        box=dict(in_channels=channels),
        distance=dict(in_channels=channels),
        urgency=dict(in_channels=channels * 2),
        object_urgency=dict(in_channels=channels),
        uncertainty=dict(in_channels=channels * 2),
    ),
)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.01),
    clip_grad=dict(max_norm=10.0, norm_type=2),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=50),
    dict(
        type='CosineAnnealingLR',
        eta_min=1e-6,
        by_epoch=True,
        begin=0,
        end=max_epochs,
        T_max=max_epochs,
        convert_to_iter_based=True,
    ),
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=15)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
default_hooks = dict(checkpoint=dict(interval=15), logger=dict(interval=8))
