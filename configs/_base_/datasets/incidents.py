"""Drawn incidents with three tasks, written by

``python tools/dataset_tools/make_synthetic.py incidents data/incidents``

Severity is 1000 : 100 : 10 : 1 in training; in validation the classes of each task are
equally frequent. ``small_*`` are for CPU minutes at the pictures' own 64 pixels.
"""

_base_ = ['./image_tasks.py']

tasks = dict(
    action_class=(
        'tackling',
        'pushing',
        'holding',
        'elbowing',
        'high_leg',
        'challenge',
    ),
    severity=('none', 'minor', 'serious', 'critical'),
    offence=('no', 'between', 'yes'),
)
table = dict(
    tasks=tasks,
    data_root='{{$MAXSIGHT_DATA:data}}/incidents/',
    ann_file='labels.csv',
    if_missing='write it with tools/dataset_tools/make_synthetic.py incidents '
    'data/incidents, or set MAXSIGHT_DATA to the folder that holds incidents/',
)
# Reading 64 pixels costs less than handing a picture from process to process.
here = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(dataset=dict(where=dict(split='train'), **table), **here)
val_dataloader = dict(dataset=dict(where=dict(split='val'), **table), **here)
test_dataloader = val_dataloader

small_train = dict(
    batch_size=32,
    dataset=dict(
        pipeline=[
            dict(type='LoadSafeImage'),
            dict(type='RandomFlip', prob=0.5),
            dict(type='PackTaskInputs'),
        ]
    ),
)
small_val = dict(
    batch_size=100,
    dataset=dict(pipeline=[dict(type='LoadSafeImage'), dict(type='PackTaskInputs')]),
)
