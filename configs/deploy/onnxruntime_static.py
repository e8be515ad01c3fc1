"""One picture size, decisions in the graph, for ONNX Runtime.

The plainest export, and the first to try: all others start from this graph.
Command: python tools/deploy.py configs/deploy/onnxruntime_static.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: none to export; a CPU to run. Result: see docs/deploy.md.
"""

# (H, W) in pixels; None takes the size that IMAGE gets in the test pipeline.
input_size = None
precision = 'fp32'
kind = 'detections'
backend_config = dict(type='onnxruntime')
ir_config = dict(
    type='onnx',
    export_params=True,
    # 17 is what OpenVINO and TensorRT 8.6 read; RoIAlign is exact from 16.
    opset_version=17,
    input_names=['input'],
    # Of mmdet's detectors; ours name their nine answers themselves.
    output_names=['dets', 'labels'],
    save_file='end2end.onnx',
    input_shape=None,
)
codebase_config = dict(
    type='mmdet',
    task='ObjectDetection',
    module=['maxsight_mm.deploy.mmdeploy_plugin'],
    # Thresholds come from the model's test_cfg. All candidates reach the
    # suppression, as in PyTorch: a limit would drop some.
    post_processing=dict(pre_top_k=-1),
)
