"""ours.py around a dense detector: RetinaNet, for devices where two stages are slow.

A dense head takes no weight for each box: a batch's pseudo-labels weigh their mean.
Command: python tools/train.py configs/defects/ours_retinanet.py
Hardware: one GPU with 12 GB. Result: not measured; see demo_retinanet.py.
"""

_base_ = ['./ours.py', '../_base_/models/defects_retinanet.py']

model = dict(detector=dict(_delete_=True, **_base_.retinanet))
