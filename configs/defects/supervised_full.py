"""supervised.py with all labels: the ceiling.

Command: python tools/train.py configs/defects/supervised_full.py
Hardware: one GPU with 8 GB. Result: not measured; see demo_supervised_full.py.
"""

_base_ = ['./supervised.py']

train_dataloader = dict(dataset=dict(ann_file='annotations/instances_train.json'))
