"""Pictures of image tasks at 224 x 224: turned, flipped, coloured in training.

Children give ``tasks`` and where the pictures lie.
"""

change = [
    dict(type='RandomFlip', prob=0.5),
    dict(type='Rotate', prob=0.5, max_mag=15.0),
    dict(
        type='PhotoMetricDistortion',
        brightness_delta=32,
        contrast_range=(0.8, 1.2),
        saturation_range=(0.8, 1.2),
        # What burns, or a glove, is known by its hue.
        hue_delta=5,
    ),
]
train_pipeline = [
    dict(type='LoadSafeImage'),
    dict(type='Resize', scale=(256, 256), keep_ratio=False),
    dict(type='RandomCrop', crop_size=(224, 224), allow_negative_crop=True),
    *change,
    dict(type='PackTaskInputs'),
]
test_pipeline = [
    dict(type='LoadSafeImage'),
    dict(type='Resize', scale=(224, 224), keep_ratio=False),
    dict(type='PackTaskInputs'),
]
train_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='ImageTaskDataset', pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='ImageTaskDataset', pipeline=test_pipeline, test_mode=True),
)
test_dataloader = val_dataloader
val_evaluator = dict(type='ImageTaskMetric')
test_evaluator = val_evaluator
