"""Hands with and without gloves, learnt from what a running camera records.

Data: python tools/dataset_tools/make_synthetic.py kitchen data/kitchen_natural
      --size 512x512 --train 20000
Command: python tools/train.py configs/kitchen/kitchen_natural.py
Hardware: one GPU with 8 GB. Result: not measured; see demo_natural.py.
"""

_base_ = [
    '../_base_/iters_runtime.py',
    '../_base_/models/kitchen_fcos.py',
    '../_base_/datasets/kitchen.py',
    '../_base_/schedules/adamw_iters.py',
]

# For tools/analysis_tools/violation_recall.py.
custom_hooks = [dict(type='PredictionFileHook')]
