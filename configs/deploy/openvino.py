"""Decisions in the graph, for OpenVINO on Intel processors.

The graph of onnxruntime_static, converted. OpenVINO's default precision on a
processor with bfloat16 changes decisions; it is run in float32.

Command: python tools/deploy.py configs/deploy/openvino.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: any CPU.
Result: see docs/deploy.md.
"""

# (H, W) in pixels; None takes the size of the model's test pipeline.
input_size = None
precision = 'fp32'
kind = 'detections'
backend_config = dict(type='openvino')
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
    post_processing=dict(pre_top_k=-1),
)
