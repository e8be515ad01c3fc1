"""What TensorRT's ONNX parser takes, checked where there is no TensorRT.

The list is that of the parser of TensorRT 10 (operators.md of onnx-tensorrt), as far
as our graphs and mmdet's may hold them. The limits on types and on K are its own.
"""

from pathlib import Path
from typing import Any

MAX_TOPK = 3840

_NAMES = """
    Abs Add And ArgMax ArgMin Atan AveragePool BatchNormalization Cast Ceil Clip Concat
    Constant ConstantOfShape Conv ConvTranspose Cos CumSum DepthToSpace
    DequantizeLinear Div Dropout Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor
    Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool Greater
    GreaterOrEqual GridSample GroupNormalization HardSigmoid HardSwish Identity If
    InstanceNormalization IsInf IsNaN LayerNormalization LeakyRelu Less LessOrEqual Log
    LogSoftmax MatMul Max MaxPool Mean Min Mod Mul Neg NonMaxSuppression NonZero Not
    OneHot Or Pad Pow PRelu QuantizeLinear Range Reciprocal ReduceL1 ReduceL2 ReduceMax
    ReduceMean ReduceMin ReduceProd ReduceSum Relu Reshape Resize RoiAlign Round
    ScatterElements ScatterND Shape Sigmoid Sign Sin Sinh Size Slice Softmax Softplus
    Split Sqrt Squeeze Sub Sum Tan Tanh Tile TopK Transpose Trilu Unsqueeze Where Xor
"""
OPERATORS = frozenset(_NAMES.split())


def check_for_tensorrt(path: str | Path) -> None:
    """Refuse a graph that TensorRT would refuse.

    Args:
        path: ONNX file.

    Raises:
        ImportError: Without the onnx package.
        ValueError: If an operator is not known to it, a K is not a constant below 3840,
            or numbers are of 64-bit floating point.
    """
    import onnx
    from onnx import TensorProto, numpy_helper

    graph = onnx.shape_inference.infer_shapes(onnx.load(path)).graph
    unknown = sorted({node.op_type for node in graph.node} - OPERATORS)
    if unknown:
        raise ValueError(f'TensorRT does not know {", ".join(unknown)} of {path}')
    constants: dict[str, Any] = {item.name: item for item in graph.initializer}
    for node in graph.node:
        if node.op_type == 'Constant':
            constants[node.output[0]] = node.attribute[0].t
    for node in graph.node:
        if node.op_type != 'TopK':
            continue
        if node.input[1] not in constants:
            raise ValueError(f'TensorRT asks for a constant K in {node.name} of {path}')
        k = int(numpy_helper.to_array(constants[node.input[1]]).item())
        if k >= MAX_TOPK:
            raise ValueError(
                f'TensorRT takes a K below {MAX_TOPK}, {node.name} of {path} has {k}: '
                'lower nms_pre or pre_top_k'
            )
    doubles = [
        value.name
        for value in graph.value_info
        if value.type.tensor_type.elem_type == TensorProto.DOUBLE
    ]
    if doubles:
        raise ValueError(f'TensorRT has no float64, which {doubles[0]} of {path} is')
