"""Where an ONNX graph takes its weights from, checked before a runtime opens them.

A graph may name any file as the place of a weight, ``/etc/passwd`` included.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any


def check_external_data(graph: Path, known_files: set[Path]) -> None:
    """Refuse weights outside the files that belong to an export.

    Args:
        graph: The ONNX file.
        known_files: Resolved paths of the files whose content was checked.

    Raises:
        ImportError: Without the onnx package.
        ValueError: If the graph cannot be parsed, or a weight lies elsewhere.
    """
    try:
        import onnx
    except ImportError as error:
        raise ImportError(
            'onnx is not installed: pip install "maxsight_mm[export]"'
        ) from error
    try:
        model = onnx.load(str(graph), load_external_data=False)
    # Protobuf's error class depends on which of its implementations is in use.
    except Exception as error:
        raise ValueError(f'{graph} is no ONNX file: {error}') from error
    for tensor in _tensors(model):
        for entry in tensor.external_data:
            if entry.key != 'location':
                continue
            if (graph.parent / entry.value).resolve() not in known_files:
                raise ValueError(
                    f'{graph} is refused: the weight {tensor.name!r} lies in '
                    f'{entry.value!r}, which is no file of this export'
                )


def _tensors(message: Any) -> Iterator[Any]:
    """All tensors of a graph, of its functions and of graphs in its attributes."""
    if message.DESCRIPTOR.name == 'TensorProto':
        yield message
        return
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            continue
        repeated = not hasattr(value, 'ListFields')
        for item in value if repeated else [value]:
            yield from _tensors(item)
