"""demo_natural.py on as many pictures of the collected mix, rich in violations.

Data: python tools/dataset_tools/make_synthetic.py kitchen data/kitchen_collected
      --mix collected
Command: python tools/train.py configs/kitchen/demo_balanced.py
Hardware: 1 CPU core. Result: see docs/kitchen.md.
"""

_base_ = ['./demo_natural.py']

train_dataloader = _base_.collected
val_dataloader = _base_.collected
test_dataloader = _base_.collected
