"""demo_ours.py without the cross-view transformer: what linked views are worth.

Command: python tools/train.py configs/defects/demo_ours_single_view.py
Hardware: 2 CPU cores. Result: see docs/defects_results.md.
"""

_base_ = ['./demo_ours.py']

model = dict(cross_view=None)
