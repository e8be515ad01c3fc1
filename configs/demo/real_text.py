"""ICDAR 2015: find and read words on photographs that were never trained on.

Differs from tier_t3: text heads alone, on a hybrid of a quarter of the width. It
learns on crops that show a readable word, and answers for whole pictures at the size
of the file, since a word at a third of it is a dozen pixels wide.
Data: python tools/dataset_tools/convert.py icdar2015 SOURCE data/converted/icdar2015
Command: python tools/train.py configs/demo/real_text.py
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
    # With the resize: crops of 256 x 160 at 0.75 to 1.4 of the size of the file.
    dict(type='RandomZoom', factor=(3.75, 7.0), prob=1.0, focus=0.85),
    dict(type='Resize', scale=(256, 160), keep_ratio=False),
    # 218 words are too few to learn the letters from.
    dict(type='DrawWords', count=(2, 5)),
    dict(type='PhotoMetricDistortion'),
]
pack = [
    dict(type='DeriveTaskLabels', labels=['text_regions', 'text_quads', 'text_ids']),
    dict(type='PackTaskInputs'),
]
dataset = dict(
    data_root='{{$MAXSIGHT_DATA:data}}/converted/icdar2015/',
    if_missing='make it with `python tools/dataset_tools/convert.py icdar2015 SOURCE '
    'data/converted/icdar2015`, or set MAXSIGHT_DATA to the folder that holds '
    'converted/',
)
train_dataloader = dict(
    batch_size=8, dataset=dict(pipeline=[*load, *change, *pack], **dataset)
)
resize = dict(type='Resize', scale=(1280, 720), keep_ratio=True)
val_dataloader = dict(dataset=dict(pipeline=[*load, resize, *pack], **dataset))
test_dataloader = val_dataloader
decoder = dict(score_thr=0.6, max_texts=32)
model = dict(
    context_stage=dict(
        context_pass=dict(
            hybrid=dict(
                depth=18,
                base_channels=16,
                vit=dict(embed_dims=96, depth=1, num_heads=4),
                link_blocks=(0,),
                dynamic_blocks=1,
                dynamic_kernels=2,
            )
        ),
        heads=dict(
            text_detection=dict(
                type='TextDetectionHead',
                hidden_channels=48,
                shrink=0.25,
                decoder=decoder,
                loss_weight=1.0,
            ),
            text_recognition=dict(
                type='TextRecognitionHead',
                channels=16,
                hidden_channels=96,
                num_layers=1,
                jitter=0.15,
                decoder=decoder,
                loss_weight=1.0,
            ),
        ),
    ),
)
optim_wrapper = dict(optimizer=dict(lr=2e-3))
train_cfg = dict(max_epochs=90, val_interval=90)
