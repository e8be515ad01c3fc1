"""The demonstration with one fused map in place of the pyramid.

Changes from street_t0: P3, P4 and P5 are resized to stride 16 and concatenated.
Command: python tools/demo.py --config configs/demo/street_t0_fused.py
Hardware: 2 CPU cores. Result: not measured.
"""

_base_ = './street_t0.py'

model = dict(safety_pass=dict(level_set='fused'))
work_dir = 'work_dirs/street_t0_fused'
