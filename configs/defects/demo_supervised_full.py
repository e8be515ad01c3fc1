"""demo_supervised.py with all labels: the ceiling.

Command: python tools/train.py configs/defects/demo_supervised_full.py
Hardware: 2 CPU cores. Result: see docs/defects_results.md.
"""

_base_ = ['./demo_supervised.py']

train_dataloader = dict(dataset=dict(ann_file='annotations/instances_train.json'))
