"""demo_ours.py with a focal loss of gamma 2 and the right activation in the RoI head.

Command: python tools/train.py configs/defects/demo_ours_focal.py
Hardware: 2 CPU cores. Result: see docs/defects_results.md.
"""

_base_ = ['./demo_ours.py']

focal = dict(_delete_=True, type='maxsight_mm.SafetyFocalLoss', gamma=2.0, alpha=1.0)
model = dict(detector=dict(roi_head=dict(bbox_head=dict(loss_cls=focal))))
