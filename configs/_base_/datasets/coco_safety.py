"""COCO 2017 with zones and urgencies by rule of thumb.

COCO has no distances and no urgencies: both are filled in by the heuristics of
``maxsight_mm.datasets.label_heuristics`` and marked as such.
"""

dataset_type = 'MaxSightCocoDataset'
data_root = '{{$MAXSIGHT_DATA:data}}/coco/'
image_size = (224, 224)
if_missing = (
    'get COCO with `python tools/dataset_tools/download.py coco` on a machine with '
    'a network, or run a config that needs no download: configs/demo/street_t0.py'
)

train_pipeline = [
    dict(type='LoadSafeImage'),
    dict(type='LoadTaskAnnotations', with_bbox=True),
    dict(type='TaskRandomFlip', prob=0.5),
    dict(type='RandomZoom', factor=(0.7, 1.5), prob=0.5),
    dict(type='Resize', scale=image_size, keep_ratio=False),
    dict(type='PhotoMetricDistortion'),
    dict(type='PackTaskInputs'),
]
test_pipeline = [
    dict(type='LoadSafeImage'),
    dict(type='LoadTaskAnnotations', with_bbox=True),
    dict(type='Resize', scale=image_size, keep_ratio=False),
    dict(type='PackTaskInputs'),
]
# Eight workers keep a GPU fed; each takes about 2 GB.
train_dataloader = dict(
    batch_size=16,
    num_workers=8,
    persistent_workers=True,
    pin_memory=True,
    prefetch_factor=2,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        class_set='coco',
        if_missing=if_missing,
        ann_file='annotations/instances_train2017.json',
        data_prefix=dict(img='train2017/'),
        labels_for_missing='heuristic',
        bad_boxes='clip',
        filter_cfg=dict(filter_empty_gt=True, min_size=32),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=8,
    persistent_workers=True,
    pin_memory=True,
    prefetch_factor=2,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        class_set='coco',
        if_missing=if_missing,
        ann_file='annotations/instances_val2017.json',
        data_prefix=dict(img='val2017/'),
        labels_for_missing='heuristic',
        bad_boxes='clip',
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
# Safety figures on rules of thumb would mean nothing: they are counted, not judged.
val_evaluator = [
    dict(type='DetectionMetric'),
    dict(type='SafetyMetric'),
    dict(type='CalibrationMetric'),
]
test_evaluator = val_evaluator
