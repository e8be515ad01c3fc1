"""Middlebury: what moves where between two photographs, on the part not trained on.

Differs from tier_t2: the motion head alone, half as wide. It looks at the frames
themselves, so the rest of the model is as small as can be.
Data: python tools/dataset_tools/convert.py middlebury SOURCE data/converted/middlebury
Command: python tools/train.py configs/demo/real_flow.py
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
    # Larger views move by more pixels.
    dict(type='RandomZoom', factor=(1.0, 1.6), prob=0.7),
]
# Motions of one or two pixels are made twice as large: the flow's cells are of four.
resize = dict(type='Resize', scale_factor=2.0, keep_ratio=True)
crop = dict(type='RandomCrop', crop_size=(192, 256), allow_negative_crop=True)
pack = [
    dict(type='LoadClip'),
    # A point that is hidden in the second frame cannot be found there.
    dict(type='LoadTaskMaps', maps=('flow',), flow_occluded='ignore'),
    dict(type='PackTaskInputs', modalities=('img', 'clip')),
]
dataset = dict(
    data_root='{{$MAXSIGHT_DATA:data}}/converted/middlebury/',
    if_missing='make it with `python tools/dataset_tools/convert.py middlebury SOURCE '
    'data/converted/middlebury`, or set MAXSIGHT_DATA to the folder that holds '
    'converted/',
    clip_length=2,
)
train_dataloader = dict(
    dataset=dict(pipeline=[*load, *change, resize, crop, *pack], **dataset)
)
val_dataloader = dict(dataset=dict(pipeline=[*load, resize, *pack], **dataset))
test_dataloader = val_dataloader
model = dict(
    context_stage=dict(heads=dict(motion=dict(type='MotionHead', hidden_channels=32)))
)
# An epoch is one step: both pairs, and their first frames, which have no label.
train_cfg = dict(max_epochs=400, val_interval=400)
