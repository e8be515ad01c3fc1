"""Decisions in the graph, for TensorRT in int8, one picture size.

The float graph is written and checked everywhere; the engine is built where TensorRT
and its GPU are, and so is the calibration, for both fit one GPU type and one version:
trtexec --onnx=DIR/end2end.onnx --int8 --calib=CACHE --saveEngine=ENGINE

Command: python tools/deploy.py configs/deploy/tensorrt_int8.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: an NVIDIA GPU.
Result: not measured.
"""

# (H, W) in pixels; None takes the size of the model's test pipeline.
input_size = None
precision = 'int8'
kind = 'detections'
backend_config = dict(type='tensorrt', common_config=dict(int8_mode=True))
# Each K of a TopK stays below the 3840 that TensorRT takes; mmdet keeps at most as many
# candidates for the suppression.
ir_config = dict(
    type='onnx',
    export_params=True,
    opset_version=17,
    input_names=['input'],
    output_names=['dets', 'labels'],
    save_file='end2end.onnx',
    input_shape=None,
)
codebase_config = dict(
    type='mmdet',
    task='ObjectDetection',
    module=['maxsight_mm.deploy.mmdeploy_plugin'],
    post_processing=dict(pre_top_k=3000),
)
