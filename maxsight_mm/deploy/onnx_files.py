"""What is checked of an ONNX file before anything loads it.

Its weights lie in its own folder, and its operators are ONNX's own, so that every
runtime has them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .onnx_external_data import check_external_data

_STANDARD_DOMAINS = ('', 'ai.onnx')


def check_onnx_file(path: str | Path) -> None:
    """Refuse a graph that is not whole or not standard.

    Args:
        path: ONNX file; its external weights are not read.

    Raises:
        FileNotFoundError: If it does not exist.
        ImportError: Without the onnx package.
        ValueError: If it is no ONNX graph, its weights lie outside its folder, or it
            has an operator of another library than ONNX's own.
    """
    path = Path(path).resolve()
    if not path.is_file():
        raise FileNotFoundError(f'ONNX file {path} does not exist')
    beside = {file for file in path.parent.rglob('*') if file.is_file()}
    check_external_data(path, beside - {file for file in beside if file.is_symlink()})
    import onnx

    model = onnx.load(path, load_external_data=False)
    foreign = {
        f'{node.domain}::{node.op_type}'
        for node in _nodes(model.graph)
        if node.domain not in _STANDARD_DOMAINS
    }
    if foreign:
        raise ValueError(f'{path} needs operators beyond ONNX: {sorted(foreign)}')


def _nodes(graph: Any) -> Iterator[Any]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _nodes(inner)
