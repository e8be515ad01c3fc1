"""Scores of all locations in eight bits, for ONNX Runtime.

Decoding and suppression stay outside, in float32: boxes and scores in eight bits cost
too much. Ranges come from the training pictures of CONFIG.

Command: python tools/deploy.py configs/deploy/onnxruntime_int8.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: any CPU; int8 is fast with AVX512-VNNI.
Result: see docs/deploy.md.
"""

# (H, W) in pixels; None takes the size that IMAGE gets in the test pipeline.
input_size = None
precision = 'int8'
kind = 'scores'
backend_config = dict(type='onnxruntime')
