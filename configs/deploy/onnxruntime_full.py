"""A whole tier, frame by frame: safety and context answers and the memory of a stream.

The graph takes one frame with the memory the frame before left, and gives both; zeros
begin a stream. Safety answers are those of onnxruntime_static.
Command: python tools/deploy.py configs/deploy/onnxruntime_full.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: none to export; a CPU to run. Result: see docs/deploy.md.
"""

# (H, W) in pixels; None takes the size that IMAGE gets in the test pipeline.
input_size = None
precision = 'fp32'
kind = 'full'
backend_config = dict(type='onnxruntime')
