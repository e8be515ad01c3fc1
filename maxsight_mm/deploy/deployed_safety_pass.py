"""An exported safety pass on pictures, with the calls of ``SafetyInferencer``.

deployed = DeployedSafetyPass('work_dirs/street_t0/deploy')
for answer in deployed('pictures/'):
    print(answer.source, answer.status, answer.class_names)
"""

import warnings
from pathlib import Path
from typing import Protocol

import numpy as np

from maxsight_mm.inference import (
    ImagePreparation,
    NetworkAnswer,
    PreparedImage,
    SafetyRunner,
    check_finite,
)

from .artefact import Artefact, ArtefactError, read_artefact
from .decode import decode_scores
from .onnx_external_data import check_external_data
from .safety_graph import Detections, SafetyScores
from .sessions import OnnxRuntimeSession, OpenVinoSession

# With the files each reads; another may hide weights that nobody hashed.
_SUFFIXES = {'onnxruntime': ('.onnx',), 'openvino': ('.onnx', '.xml')}
BACKENDS = tuple(_SUFFIXES)


class Session(Protocol):
    """What runs a graph."""

    input_shape: list[int | None]
    output_names: list[str]

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """(B, 3, H, W) float32 -> outputs by name."""


# Of the input, by the picture; rounding of its sides stays above.
LEAST_FILLED = 0.85


class DeployedSafetyPass(SafetyRunner):
    """A folder that ``tools/deploy.py`` wrote, answering pictures one by one.

    Args:
        folder: With ``deploy.json`` and the graph.
        device: ``cpu``, or what the runtime offers beside it.
        threads: Threads of the runtime; by default its own choice.
        backend: ``onnxruntime`` or ``openvino``; by default the artefact's. Both run
            an ONNX graph.
        strict: Raise ValueError where an answer would be unavailable.
        session: A runtime that holds the graph already, in place of ``backend``.

    Raises:
        ImportError: If the runtime is not installed.
        ValueError: If the folder, its graph or the device cannot be used.
    """

    def __init__(
        self,
        folder: str | Path,
        device: str = 'cpu',
        threads: int | None = None,
        backend: str | None = None,
        strict: bool = False,
        session: Session | None = None,
    ) -> None:
        self.artefact = artefact = read_artefact(folder)
        if artefact.kind == 'full':
            raise ArtefactError(
                f'{folder} holds a whole tier: it is run by DeployedTier'
            )
        root = Path(folder).resolve()
        # Weights beside a link would not be those that were hashed.
        graph = (root / artefact.graph).resolve()
        self.session = session or _open_session(
            graph, root, artefact, backend or artefact.backend, device, threads
        )
        _check_input(self.session.input_shape, artefact, graph)
        wanted = (
            Detections._fields
            if artefact.kind == 'detections'
            else SafetyScores._fields
        )
        self._has_warned = False
        missing = [name for name in wanted if name not in self.session.output_names]
        if missing:
            raise ArtefactError(f'{graph} lacks the outputs {", ".join(missing)}')
        super().__init__(
            preparation_of_artefact(artefact),
            artefact.classes,
            artefact.test_cfg,
            artefact.min_safe_scores,
            strict,
        )

    def infer(self, prepared: PreparedImage, source: str) -> NetworkAnswer:
        """The graph's answer for one input."""
        self._warn_of_padding(prepared, source)
        pixels = prepared.pixels
        # A graph of a fixed batch gets the picture first and zeros behind it.
        images = np.zeros((self.artefact.batch_size or 1, *pixels.shape), np.float32)
        images[0] = pixels
        outputs = self.session(images)
        check_finite(source, outputs.values())
        if self.artefact.kind == 'detections':
            return read_detections(outputs)
        return decode_scores(
            outputs, 0, pixels.shape[1:], self.test_cfg, self.min_safe_scores
        )

    def _warn_of_padding(self, prepared: PreparedImage, source: str) -> None:
        """Once: the model was trained on pictures that fill its input."""
        height, width = prepared.pixels.shape[1:]
        filled = prepared.shape[0] * prepared.shape[1] / (height * width)
        if filled >= LEAST_FILLED or self._has_warned:
            return
        self._has_warned = True
        warnings.warn(
            f'{source} fills {filled:.0%} of the {height} x {width} input and is seen '
            "smaller than in training; export for the camera's aspect",
            stacklevel=2,
        )


def _open_session(
    graph: Path,
    root: Path,
    artefact: Artefact,
    backend: str,
    device: str,
    threads: int | None,
) -> OnnxRuntimeSession | OpenVinoSession:
    if backend not in BACKENDS:
        raise ArtefactError(
            f'{root} was exported for {backend}, which does not run here; one of '
            f'{BACKENDS} does'
        )
    if graph.suffix not in _SUFFIXES[backend]:
        raise ArtefactError(
            f'{graph} is none of {_SUFFIXES[backend]}, which {backend} takes'
        )
    if graph.suffix == '.onnx':
        check_external_data(graph, {(root / name).resolve() for name in artefact.files})
    if backend == 'onnxruntime':
        return OnnxRuntimeSession(graph, artefact.input_name, device, threads)
    return OpenVinoSession(
        graph, artefact.input_name, device, threads, artefact.precision
    )


def _check_input(shape: list[int | None], artefact: Artefact, graph: Path) -> None:
    """What ``deploy.json`` says must fit what the graph takes."""
    size = artefact.input_size if artefact.size_range is None else (None, None)
    said = (artefact.batch_size, 3, *size)
    fits = len(shape) == 4 and all(
        own in (None, other) for own, other in zip(shape, said, strict=True)
    )
    if not fits:
        raise ArtefactError(f'{graph} takes {shape}, its description says {said}')


def preparation_of_artefact(artefact: Artefact) -> ImagePreparation:
    """What is done to a picture before an exported graph sees it."""
    height, width = artefact.input_size
    return ImagePreparation(
        scale=(width, height),
        keep_ratio=artefact.keep_ratio,
        mean=artefact.mean,
        std=artefact.std,
        bgr_to_rgb=artefact.bgr_to_rgb,
        pad_value=artefact.pad_value,
        size_divisor=artefact.size_divisor,
        fixed_size=artefact.input_size if artefact.size_range is None else None,
        size_range=artefact.size_range,
        sees_padding=True,
    )


def read_detections(outputs: dict[str, np.ndarray]) -> NetworkAnswer:
    """The first image of a *detections* graph, its padding left out."""
    found = outputs['labels'][0] >= 0
    dets = outputs['dets'][0][found]
    return NetworkAnswer(
        boxes=dets[:, :4],
        scores=dets[:, 4],
        labels=outputs['labels'][0][found],
        zones=outputs['zones'][0][found],
        zone_scores=outputs['zone_scores'][0][found],
        urgencies=outputs['object_urgencies'][0][found],
        urgency_scores=outputs['object_urgency_scores'][0][found],
        image_urgency=int(outputs['urgency'].reshape(-1)[0]),
        image_urgency_scores=outputs['urgency_scores'][0],
        uncertainty=float(outputs['uncertainty'].reshape(-1)[0]),
    )
