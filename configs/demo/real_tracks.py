"""A walked street: how people move, learnt from their tracks, and where they are.

Differs from tier_t2: motion head and detection of one class; the flow is that of the
middles of tracked boxes (a rule of thumb, see the converter), and only there judged.
Data: python tools/dataset_tools/convert.py mot SOURCE data/converted/mot
Command: python tools/train.py configs/demo/real_tracks.py
Hardware: 1 CPU core, minutes. Result: see docs/real_data.md.
"""

_base_ = [
    '../_base_/models/small_context.py',
    '../_base_/datasets/converted.py',
    '../_base_/schedules/adamw_short.py',
]

load = [
    dict(type='LoadSafeImage'),
    dict(type='LoadTaskAnnotations', with_bbox=True),
]
change = [
    dict(type='TaskRandomFlip', prob=0.5),
    dict(type='RandomZoom', factor=(0.8, 1.5), prob=0.7),
]
pack = [
    dict(type='Resize', scale=(320, 256), keep_ratio=True),
    dict(type='LoadClip'),
    dict(type='LoadTaskMaps', maps=('flow',)),
    dict(type='PackTaskInputs', modalities=('img', 'clip')),
]
dataset = dict(
    data_root='{{$MAXSIGHT_DATA:data}}/converted/mot/',
    if_missing='make it with `python tools/dataset_tools/convert.py mot SOURCE '
    'data/converted/mot`, or set MAXSIGHT_DATA to the folder that holds converted/',
    clip_length=2,
    bad_boxes='clip',
)
train_dataloader = dict(dataset=dict(pipeline=[*load, *change, *pack], **dataset))
val_dataloader = dict(dataset=dict(pipeline=[*load, *pack], **dataset))
test_dataloader = val_dataloader
val_evaluator = [dict(type='TaskMetric'), dict(type='DetectionMetric')]
test_evaluator = val_evaluator
model = dict(
    safety_pass=dict(base_channels=32),
    context_stage=dict(heads=dict(motion=dict(type='MotionHead', hidden_channels=32))),
)
train_cfg = dict(max_epochs=26, val_interval=26)
