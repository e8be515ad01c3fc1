"""Any picture size and batch, decisions in the graph, for ONNX Runtime.

Differs from onnxruntime_static in the dynamic axes and their range.
Command: python tools/deploy.py configs/deploy/onnxruntime_dynamic.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: none to export; a CPU to run. Result: see docs/deploy.md.
"""

# (H, W) in pixels, multiples of 32; what lies outside is refused when it is run.
size_range = ((64, 64), (1344, 1344))
# The usual one; None takes the size of the model's test pipeline.
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
    dynamic_axes=dict(
        input={0: 'batch', 2: 'height', 3: 'width'},
        dets={0: 'batch'},
        labels={0: 'batch'},
    ),
)
codebase_config = dict(
    type='mmdet',
    task='ObjectDetection',
    module=['maxsight_mm.deploy.mmdeploy_plugin'],
    # Thresholds come from the model's test_cfg. All candidates reach the
    # suppression, as in PyTorch: a limit would drop some.
    post_processing=dict(pre_top_k=-1),
)
