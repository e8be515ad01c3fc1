"""Kitchen scenes as COCO files, made by

``python tools/dataset_tools/make_synthetic.py kitchen data/kitchen_natural``
``python tools/dataset_tools/make_synthetic.py kitchen data/kitchen_collected
--mix collected``

A child takes ``collected`` as its ``train_dataloader`` to learn from the other mix.
Both sets have the same validation pictures, in the natural mix. Pictures without a hand
are trained on like the others: three in four of the natural mix are, and what they look
like is what keeps false alarms down.
"""

classes = ('hand_with_glove', 'hand_without_glove')
image_size = (512, 512)

load = [
    dict(type='LoadSafeImage'),
    dict(type='LoadAnnotations', with_bbox=True),
]
resized = dict(type='Resize', scale=image_size, keep_ratio=True)
# A worktop has no upside.
changed = [
    dict(
        type='RandomFlip',
        prob=[0.25, 0.25, 0.25],
        direction=['horizontal', 'vertical', 'diagonal'],
    ),
    dict(type='PackDetInputs'),
]
pack = dict(
    type='PackDetInputs',
    meta_keys=('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor'),
)
kitchen_set = dict(
    type='MaxSightCocoDataset',
    data_root='data/kitchen_natural/',
    data_prefix=dict(img='images/'),
    metainfo=dict(classes=classes),
    if_missing='write it with tools/dataset_tools/make_synthetic.py kitchen',
)
train_dataloader = dict(
    batch_size=16,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(
        **kitchen_set,
        ann_file='annotations/instances_train.json',
        pipeline=[*load, resized, *changed],
    ),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=4,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        **kitchen_set,
        ann_file='annotations/instances_val.json',
        pipeline=[*load, resized, pack],
        test_mode=True,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(type='DetectionMetric')
test_evaluator = val_evaluator

collected = dict(dataset=dict(data_root='data/kitchen_collected/'))
