"""Scores of all locations as a .pte with XNNPACK, for Android and iOS.

Command: python tools/deploy.py configs/deploy/executorch.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: any CPU.
Result: see docs/deploy.md.
"""

# (H, W) in pixels; None takes the size that IMAGE gets in the test pipeline.
input_size = None
precision = 'fp32'
kind = 'scores'
backend_config = dict(type='executorch')
