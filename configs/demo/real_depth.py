"""Metres from one picture of a room: four views to learn from, the fifth to judge.

Differs from tier_t2: the depth head alone, on a hybrid of a quarter of the width;
pictures are mirrored, cut and recoloured, since four of them are soon known by heart.
Data: python tools/dataset_tools/convert.py rgbd SOURCE data/converted/rgbd
Command: python tools/train.py configs/demo/real_depth.py
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
    # The view of a zoom is that from nearer by: the depth is divided by it.
    dict(type='RandomZoom', factor=(1.0, 1.25), prob=0.5),
]
pack = [
    dict(type='LoadTaskMaps', maps=('depth',)),
    dict(type='PackTaskInputs'),
]
resize = dict(type='Resize', scale=(256, 192), keep_ratio=True)
dataset = dict(
    data_root='{{$MAXSIGHT_DATA:data}}/converted/rgbd/',
    if_missing='make it with `python tools/dataset_tools/convert.py rgbd SOURCE '
    'data/converted/rgbd`, or set MAXSIGHT_DATA to the folder that holds converted/',
)
train_dataloader = dict(
    dataset=dict(
        pipeline=[*load, *change, resize, dict(type='PhotoMetricDistortion'), *pack],
        **dataset,
    )
)
val_dataloader = dict(dataset=dict(pipeline=[*load, resize, *pack], **dataset))
test_dataloader = val_dataloader
model = dict(
    context_stage=dict(
        context_pass=dict(
            hybrid=dict(
                depth=18,
                base_channels=16,
                vit=dict(embed_dims=96, depth=2, num_heads=4),
                link_blocks=(0,),
                dynamic_blocks=1,
                dynamic_kernels=2,
            )
        ),
        heads=dict(depth=dict(type='DepthHead', hidden_channels=48)),
    ),
)
# An epoch is one step.
train_cfg = dict(max_epochs=150, val_interval=150)
