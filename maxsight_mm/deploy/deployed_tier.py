"""A whole tier in ONNX Runtime, frame by frame, with its memory.

tier = DeployedTier('work_dirs/street_t5/full')
for answer in tier.stream('frames/'):
    print(answer.source, answer.status, tier.context)

Called like a function, it answers all frames before it returns: ``context`` is then
that of the last one.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from maxsight_mm.inference import (
    NetworkAnswer,
    Picture,
    PreparedImage,
    SafetyAnswer,
    SafetyRunner,
    check_finite,
)

from .artefact import ArtefactError, read_artefact
from .context_graph import AVAILABLE, NEXT
from .deployed_safety_pass import preparation_of_artefact, read_detections
from .onnx_external_data import check_external_data
from .safety_graph import Detections
from .sessions.onnxruntime_session import load_onnx_session


class DeployedTier(SafetyRunner):
    """A folder of kind *full*, answering the frames of one stream in their order.

    Args:
        folder: With ``deploy.json`` and the graph.
        threads: Threads of the runtime; by default its own choice.
        strict: Raise ValueError where a safety answer would be unavailable.

    Attributes:
        context: Context answers on the last frame by name, ``None`` where they are
            unavailable.
        given: What else the graph reads, by name: ``user``, ``viewer_condition`` and
            the features of the sound; all neutral or absent at first.

    Raises:
        ImportError: Without ONNX Runtime.
        ValueError: If the folder or its graph cannot be used.
    """

    def __init__(
        self, folder: str | Path, threads: int | None = None, strict: bool = False
    ) -> None:
        self.artefact = artefact = read_artefact(folder)
        if artefact.kind != 'full':
            raise ArtefactError(
                f'{folder} holds {artefact.kind}, not a whole tier: it is run by '
                'DeployedSafetyPass'
            )
        root = Path(folder).resolve()
        graph = root / artefact.graph
        check_external_data(graph, {(root / name).resolve() for name in artefact.files})
        self.session = load_onnx_session(graph, threads=threads)
        self.output_names = [node.name for node in self.session.get_outputs()]
        zeros = {node.name: _zeros(node, graph) for node in self.session.get_inputs()}
        missing = [
            name
            for name in (*Detections._fields, AVAILABLE)
            if name not in self.output_names
        ]
        if missing or artefact.input_name not in zeros:
            raise ArtefactError(f'{graph} is no whole tier: {missing} are missing')
        shape = zeros.pop(artefact.input_name).shape
        if shape != (1, 3, *artefact.input_size):
            raise ArtefactError(
                f'{graph} takes {shape}, its description says {artefact.input_size}'
            )
        self._empty = {n: x for n, x in zeros.items() if f'{NEXT}{n}' in self._outputs}
        self.given = {n: x for n, x in zeros.items() if n not in self._empty}
        self.context: dict[str, np.ndarray] | None = None
        self.forget()
        super().__init__(
            preparation_of_artefact(artefact),
            artefact.classes,
            artefact.test_cfg,
            artefact.min_safe_scores,
            strict,
        )

    @property
    def _outputs(self) -> set[str]:
        return set(self.output_names)

    def forget(self) -> None:
        """Begin a new stream."""
        self.memory = dict(self._empty)

    def stream(self, inputs: Picture | Sequence[Picture]) -> Iterator[SafetyAnswer]:
        """Answers frame by frame; between two of them ``context`` is of the last."""
        answers = super().stream(inputs)
        while True:
            # A frame that cannot even be read has no context.
            last, self.context = self.context, None
            answer = next(answers, None)
            if answer is None:
                self.context = last
                return
            yield answer

    def run(self, pixels: np.ndarray) -> dict[str, np.ndarray]:
        """All outputs for (1, 3, H, W) float32 pixels; the memory moves on.

        A memory that is not finite is forgotten, or it would stay so.
        """
        feeds = {self.artefact.input_name: pixels, **self.given, **self.memory}
        values = self.session.run(self.output_names, feeds)
        outputs = dict(zip(self.output_names, values, strict=True))
        memory = {name: outputs[f'{NEXT}{name}'] for name in self._empty}
        self.memory = memory if _is_finite(memory) else dict(self._empty)
        return outputs

    def infer(self, prepared: PreparedImage, source: str) -> NetworkAnswer:
        """The safety answer for one input; the other answers are in ``context``."""
        self.context = None
        outputs = self.run(prepared.pixels[None])
        check_finite(source, [outputs[name] for name in Detections._fields])
        if outputs[AVAILABLE].all():
            own = {AVAILABLE, *Detections._fields, *(f'{NEXT}{n}' for n in self._empty)}
            self.context = {n: x for n, x in outputs.items() if n not in own}
        return read_detections(outputs)


def _is_finite(arrays: Mapping[str, np.ndarray]) -> bool:
    return all(np.isfinite(array).all() for array in arrays.values())


def _zeros(node: Any, graph: Path) -> np.ndarray:
    """An input of a graph, neutral or absent."""
    if node.type not in _TYPES or not all(isinstance(n, int) for n in node.shape):
        raise ArtefactError(
            f'{graph}: input {node.name} is {node.type} of shape {node.shape}, which '
            'no exported tier has'
        )
    return np.zeros(node.shape, _TYPES[node.type])


_TYPES = {
    'tensor(float)': np.float32,
    'tensor(int64)': np.int64,
    'tensor(bool)': np.bool_,
}
