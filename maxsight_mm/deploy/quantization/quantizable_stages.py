"""Which operators of the exported graph belong to which stage of the model."""

import ast
from typing import Any

from ..backends.onnx_scores import SCOPES

# Inside the safety pass all that INT8 runs on; of a head its layers alone.
_BODY_OPERATORS = ('Conv', 'Add', 'MaxPool', 'Resize', 'Relu')
_HEAD_OPERATORS = ('Conv', 'Gemm')
OPERATORS = tuple(dict.fromkeys((*_BODY_OPERATORS, *_HEAD_OPERATORS)))


def quantizable_stages(graph: Any) -> dict[str, list[str]]:
    """Names of the operators that may become INT8, by stage, in running order.

    Args:
        graph: ``onnx.ModelProto`` of ``onnx_scores``.

    Returns:
        ``stem``, ``layer1`` to ``layer4``, ``neck``, the two towers and
        ``<task>_head``.
    """
    stages: dict[str, list[str]] = {}
    for node in graph.graph.node:
        stage, operators = _stage_of(_scope(node))
        if stage and node.op_type in operators:
            stages.setdefault(stage, []).append(node.name)
    return stages


def _scope(node: Any) -> str:
    """Dotted path of the innermost module a node came from."""
    for entry in node.metadata_props:
        if entry.key == SCOPES:
            # The last is the operator.
            names = ast.literal_eval(entry.value)[:-1]
            return names[-1].removeprefix('scores.') if names else ''
    return ''


def _stage_of(scope: str) -> tuple[str, tuple[str, ...]]:
    parts = scope.split('.')
    if parts[0] == 'safety_heads' and len(parts) > 2:
        return f'{parts[2]}_head', _HEAD_OPERATORS
    if parts[0] != 'safety_pass' or len(parts) < 2:
        return '', ()
    if parts[1] != 'backbone':
        return parts[1], _BODY_OPERATORS
    layer = parts[2] if len(parts) > 2 and parts[2].startswith('layer') else 'stem'
    return layer, _BODY_OPERATORS
