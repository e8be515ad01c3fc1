"""kitchen_natural.py on a COCO set of your own; here a public one of 497 pictures.

``gloves_yolo/`` holds ``coco/instances_{train,val}.json``, whose file names begin at
that folder. For other names: --cfg-options, or a child with its own ``real_set``.
Command: MAXSIGHT_DATA=FOLDER python tools/train.py configs/kitchen/gloves.py
with gloves_yolo/ in FOLDER. Hardware: one GPU with 8 GB.
Result: not measured; see demo_gloves.py.
"""

_base_ = ['./kitchen_natural.py']

# 24 iterations see every picture once.
train_cfg = dict(max_iters=4000, val_interval=500)
default_hooks = dict(checkpoint=dict(interval=500))

real_set = dict(
    data_root='{{$MAXSIGHT_DATA:data}}/gloves_yolo/',
    data_prefix=dict(img=''),
    # In the order of the drawn ones: with a glove, without.
    metainfo=dict(classes=('Hand-in-Glove', 'Hand')),
    if_missing='set MAXSIGHT_DATA to the folder that holds gloves_yolo/',
    # Boxes drawn by hand may reach out of the picture by a pixel.
    bad_boxes='clip',
)
train_dataloader = dict(dataset=dict(ann_file='coco/instances_train.json', **real_set))
val_dataloader = dict(dataset=dict(ann_file='coco/instances_val.json', **real_set))
test_dataloader = val_dataloader
