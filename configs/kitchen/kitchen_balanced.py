"""kitchen_natural.py on as many pictures of the collected mix, rich in violations.

Data: python tools/dataset_tools/make_synthetic.py kitchen data/kitchen_collected
      --mix collected --size 512x512 --train 20000
Command: python tools/train.py configs/kitchen/kitchen_balanced.py
Hardware: one GPU with 8 GB. Result: not measured; see demo_balanced.py.
"""

_base_ = ['./kitchen_natural.py']

train_dataloader = _base_.collected
val_dataloader = _base_.collected
test_dataloader = _base_.collected
