"""Decisions in the graph, for TensorRT in fp16, one picture size.

The ONNX graph is written and checked everywhere; the engine is built where TensorRT
and its GPU are, for an engine fits one GPU type and one version:
trtexec --onnx=DIR/end2end.onnx --fp16 --saveEngine=ENGINE

Command: python tools/deploy.py configs/deploy/tensorrt_fp16.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: an NVIDIA GPU.
Result: not measured.
"""

_base_ = './onnxruntime_static.py'

precision = 'fp16'
backend_config = dict(type='tensorrt', common_config=dict(fp16_mode=True))
# Each K of a TopK stays below the 3840 that TensorRT takes. A model whose levels give
# more candidates than this loses the weakest before the suppression.
codebase_config = dict(post_processing=dict(pre_top_k=3000))
