"""Small public sets as ``tools/dataset_tools/convert.py`` writes them.

Children give ``data_root``, ``if_missing``, classes and pipelines. Only the heads
that a set has labels for are judged; each image is read in this process, since the
sets are a handful of files. Brings ``default_runtime.py`` with it.
"""

_base_ = '../default_runtime.py'

train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='MaxSightCocoDataset', ann_file='annotations/train.json'),
)
val_dataloader = dict(
    # One by one: nothing is padded to the size of a neighbour.
    batch_size=1,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='MaxSightCocoDataset', ann_file='annotations/val.json', test_mode=True
    ),
)
test_dataloader = val_dataloader
val_evaluator = [dict(type='TaskMetric')]
test_evaluator = val_evaluator
default_hooks = dict(
    logger=dict(interval=20),
    # The last weights are kept: the held-out part chooses nothing.
    checkpoint=dict(interval=1000, max_keep_ckpts=1, save_best=None),
)
