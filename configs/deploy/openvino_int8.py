"""Scores of all locations in eight bits, for OpenVINO.

Decoding and suppression stay outside, in float32: boxes and scores in eight bits cost
too much. Ranges come from the training pictures of CONFIG.

Command: python tools/deploy.py configs/deploy/openvino_int8.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: any CPU; int8 is fast with AVX512-VNNI.
Result: see docs/deploy.md.
"""

_base_ = './onnxruntime_int8.py'

backend_config = dict(type='openvino')
