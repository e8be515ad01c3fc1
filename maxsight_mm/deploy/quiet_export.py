"""What exporters print and write down beside the graph."""

import logging
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

# The root logger has no name.
EXPORTERS = ('', 'mmdeploy', 'torch.onnx', 'onnxscript', 'onnx_ir')


@contextmanager
def quiet_export() -> Iterator[None]:
    """Without the exporters' warnings, of which the parity check is the judge."""
    loggers = [logging.getLogger(name) for name in EXPORTERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def drop_notes(model: Any, kept: Collection[str] = ()) -> None:
    """Takes out the exporter's notes, which quote source files with their paths.

    Args:
        model: ``onnx.ModelProto``, changed in place.
        kept: Keys of the notes that stay at the nodes.
    """
    for node in model.graph.node:
        entries = [entry for entry in node.metadata_props if entry.key in kept]
        del node.metadata_props[:]
        node.metadata_props.extend(entries)
        node.doc_string = ''
    for value in (*model.graph.value_info, *model.graph.initializer):
        del value.metadata_props[:]
        value.doc_string = ''
    del model.graph.metadata_props[:]
