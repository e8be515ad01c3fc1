"""Any picture size and batch, decisions in the graph, for ONNX Runtime.

Differs from onnxruntime_static in the dynamic axes and their range.
Command: python tools/deploy.py configs/deploy/onnxruntime_dynamic.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: none to export; a CPU to run. Result: see docs/deploy.md.
"""

_base_ = './onnxruntime_static.py'

# (H, W) in pixels, multiples of 32; what lies outside is refused when it is run.
size_range = ((64, 64), (1344, 1344))
ir_config = dict(
    dynamic_axes=dict(
        input={0: 'batch', 2: 'height', 3: 'width'},
        dets={0: 'batch'},
        labels={0: 'batch'},
    ),
)
