"""DeepPCB, circuit boards, as defects_ssod.py has the drawn parts: a tenth labelled.

``deeppcb/`` holds ``PCBData/`` and ``coco/instances_{train,val}.json``, whose names
of files begin with ``PCBData/``. Every picture is a part of its own. Hide most
labels first:
``python tools/dataset_tools/split_labelled.py data/deeppcb/coco/instances_train.json
--percent 10 --fold 0 --out-dir data/deeppcb``; or MAXSIGHT_DATA names the folder that
holds ``deeppcb/``.
"""

_base_ = ['./defects_ssod.py']

classes = (
    'open',
    'short',
    'mousebite',
    'spur',
    'copper',
    'pin-hole',
)
# Half the files' size: defects of some 20 pixels.
image_size = (320, 320)
resized = dict(_base_.resized, scale=image_size)
weak = [resized, _base_.flipped]
labelled_pipeline = [
    *_base_.load_labelled,
    *weak,
    _base_.recoloured,
    _base_.as_labelled,
]
unlabelled_pipeline = [
    *_base_.load_unlabelled,
    dict(
        type='MultiBranch',
        branch_field=_base_.branches,
        unsup_teacher=[*weak, _base_.pack],
        unsup_student=[*weak, *_base_.strong, _base_.pack],
    ),
]
test_pipeline = [
    *_base_.load_labelled,
    dict(type='Resize', scale=image_size, keep_ratio=True),
    _base_.pack,
]
training_set = dict(
    type=_base_.dataset_type,
    data_root='{{$MAXSIGHT_DATA:data}}/deeppcb/',
    data_prefix=dict(img=''),
    metainfo=dict(classes=classes),
    absent_classes='any',
    if_missing='split data/deeppcb/coco/instances_train.json with '
    'tools/dataset_tools/split_labelled.py, or set MAXSIGHT_DATA to the folder that '
    'holds deeppcb/',
)
labelled_file = 'instances_train_labelled10.json'
real_sets = [
    dict(**training_set, ann_file=labelled_file, pipeline=labelled_pipeline),
    dict(
        **training_set,
        ann_file='instances_train_unlabelled90.json',
        pipeline=unlabelled_pipeline,
    ),
]
train_dataloader = dict(dataset=dict(datasets=real_sets))
val_dataloader = dict(
    dataset=dict(
        _delete_=True,
        **training_set,
        ann_file='coco/instances_val.json',
        pipeline=test_pipeline,
        test_mode=True,
    )
)
test_dataloader = val_dataloader
