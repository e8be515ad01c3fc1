"""Scores of all locations as TorchScript, for LibTorch.

Detections cannot be traced: a suppression that was traced is frozen.

Command: python tools/deploy.py configs/deploy/torchscript.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: any CPU or GPU.
Result: see docs/deploy.md.
"""

# (H, W) in pixels; None takes the size that IMAGE gets in the test pipeline.
input_size = None
precision = 'fp32'
kind = 'scores'
backend_config = dict(type='torchscript')
