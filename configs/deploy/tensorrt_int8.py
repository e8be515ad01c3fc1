"""Decisions in the graph, for TensorRT in int8, one picture size.

The float graph is written and checked everywhere; the engine is built where TensorRT
and its GPU are, and so is the calibration, for both fit one GPU type and one version:
trtexec --onnx=DIR/end2end.onnx --int8 --calib=CACHE --saveEngine=ENGINE

Command: python tools/deploy.py configs/deploy/tensorrt_int8.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: an NVIDIA GPU.
Result: not measured.
"""

_base_ = './tensorrt_fp16.py'

precision = 'int8'
backend_config = dict(common_config=dict(_delete_=True, int8_mode=True))
