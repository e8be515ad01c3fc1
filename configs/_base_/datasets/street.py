"""The embedded street world as COCO files, made by

``python tools/dataset_tools/make_synthetic.py street data/street``
"""

dataset_type = 'MaxSightCocoDataset'
data_root = 'data/street/'
# A multiple of 32 each way, so that nothing is padded.
image_size = (256, 192)
# In the drawn 320 x 240: 32 px at the network's input, what COCO calls small.
ignore_below_px = 40
classes = (
    'person',
    'bicycle',
    'car',
    'motorcycle',
    'bus',
    'truck',
    'traffic light',
    'fire hydrant',
    'stop sign',
    'bench',
    'dog',
    'street sign',
    'door',
    'stairs up',
    'stairs down',
    'kerb',
    'bollard',
    'pole',
    'crosswalk',
    'open manhole',
    'low branch',
    'scaffold',
    'wet floor sign',
    'trash bin',
)

train_pipeline = [
    dict(type='LoadSafeImage'),
    dict(type='LoadTaskAnnotations', with_bbox=True),
    dict(type='TaskRandomFlip', prob=0.5),
    dict(type='Resize', scale=image_size, keep_ratio=True),
    dict(type='PackTaskInputs'),
]
test_pipeline = [
    dict(type='LoadSafeImage'),
    dict(type='LoadTaskAnnotations', with_bbox=True),
    dict(type='Resize', scale=image_size, keep_ratio=True),
    dict(type='PackTaskInputs'),
]
train_dataloader = dict(
    batch_size=8,
    # On two cores a loader process takes more from the training than it gives.
    num_workers=0,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        metainfo=dict(classes=classes),
        ann_file='annotations/train.json',
        ignore_below_px=ignore_below_px,
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        metainfo=dict(classes=classes),
        ann_file='annotations/val.json',
        ignore_below_px=ignore_below_px,
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = [
    dict(type='DetectionMetric'),
    dict(type='SafetyMetric'),
    dict(type='CalibrationMetric'),
]
test_evaluator = val_evaluator
