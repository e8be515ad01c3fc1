"""Decisions in the graph, for OpenVINO on Intel processors.

The graph of onnxruntime_static, converted. OpenVINO's default precision on a
processor with bfloat16 changes decisions; it is run in float32.

Command: python tools/deploy.py configs/deploy/openvino.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: any CPU.
Result: see docs/deploy.md.
"""

_base_ = './onnxruntime_static.py'

backend_config = dict(type='openvino')
