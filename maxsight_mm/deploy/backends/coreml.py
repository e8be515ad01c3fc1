"""The graph of scores as a Core ML program; needs the extra ``coreml``.

Converts and is inspected anywhere; only macOS and iOS run it.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from maxsight_mm.models.detectors import MaxSightDetector

from .plain_graph import INPUT_NAME, OUTPUT_NAMES, extra_needed, target, traced

GRAPH_NAME = 'scores.mlpackage'


@dataclass(frozen=True)
class CoreMlSummary:
    """What a saved package holds.

    Attributes:
        inputs: Shape by name.
        outputs: Names.
        operators: How often each operator of the program occurs, constants left out.
        weight_bytes: Size of the weights' file.
    """

    inputs: dict[str, tuple[int, ...]]
    outputs: tuple[str, ...]
    operators: dict[str, int]
    weight_bytes: int


def convert(
    detector: MaxSightDetector,
    out_dir: str | Path,
    size: tuple[int, int],
    *,
    half: bool = True,
) -> Path:
    """Write ``scores.mlpackage`` for iOS 16 and macOS 13 and later.

    Args:
        detector: Any tier; its context stage is left behind.
        out_dir: Folder for the package.
        size: (H, W) of the input in pixels.
        half: Compute in half precision, as the neural engine does. Input and outputs
            stay float32; labels are int32.

    Raises:
        ImportError: Without the extra.
        ValueError: If the detector lacks a safety head, or the size does not fit.
    """
    with extra_needed('coremltools', 'coreml'):
        import coremltools
    program = coremltools.convert(
        traced(detector, size),
        inputs=[coremltools.TensorType(INPUT_NAME, shape=(1, 3, *size))],
        outputs=[coremltools.TensorType(name) for name in OUTPUT_NAMES],
        convert_to='mlprogram',
        minimum_deployment_target=coremltools.target.iOS16,
        compute_precision=coremltools.precision.FLOAT16
        if half
        else coremltools.precision.FLOAT32,
    )
    path = target(out_dir, GRAPH_NAME)
    program.save(str(path))
    return path


def inspect(path: str | Path) -> CoreMlSummary:
    """Read a saved package back.

    Raises:
        ImportError: Without the extra.
    """
    with extra_needed('coremltools', 'coreml'):
        import coremltools
    model = coremltools.models.MLModel(str(path), skip_model_load=True)
    spec = model.get_spec()
    (function,) = spec.mlProgram.functions.values()
    (block,) = function.block_specializations.values()
    weights = Path(path).rglob('weight.bin')
    return CoreMlSummary(
        inputs={
            item.name: tuple(item.type.multiArrayType.shape)
            for item in spec.description.input
        },
        outputs=tuple(item.name for item in spec.description.output),
        operators=dict(
            Counter(op.type for op in block.operations if op.type != 'const')
        ),
        weight_bytes=sum(file.stat().st_size for file in weights),
    )
