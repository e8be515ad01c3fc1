"""Scores of all locations as a torch.export program (.pt2).

Command: python tools/deploy.py configs/deploy/torch_export.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: any CPU or GPU.
Result: see docs/deploy.md.
"""

# (H, W) in pixels; None takes the size that IMAGE gets in the test pipeline.
input_size = None
precision = 'fp32'
kind = 'scores'
backend_config = dict(type='torch_export')
