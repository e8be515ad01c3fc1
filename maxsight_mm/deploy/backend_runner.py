"""A graph of scores run by the module that wrote it, to be compared with PyTorch.

For the runtimes that :class:`DeployedSafetyPass` has no session for: enough to prove a
conversion, with the model loaded anew for each picture.
"""

from pathlib import Path

from maxsight_mm.inference import (
    NetworkAnswer,
    PreparedImage,
    SafetyRunner,
    check_finite,
)

from .artefact import read_artefact
from .converters import backend_module
from .decode import decode_scores
from .deployed_safety_pass import preparation_of_artefact


class BackendRunner(SafetyRunner):
    """An exported folder on pictures.

    Args:
        folder: With ``deploy.json`` and a graph of scores.

    Raises:
        ArtefactError: If the folder cannot be used.
    """

    def __init__(self, folder: str | Path) -> None:
        self.artefact = artefact = read_artefact(folder)
        self.graph = Path(folder) / artefact.graph
        self.module = backend_module(artefact.backend)
        super().__init__(
            preparation_of_artefact(artefact),
            artefact.classes,
            artefact.test_cfg,
            artefact.min_safe_scores,
        )

    def infer(self, prepared: PreparedImage, source: str) -> NetworkAnswer:
        """The graph's answer for one input."""
        outputs = self.module.run(self.graph, prepared.pixels[None])
        check_finite(source, outputs.values())
        return decode_scores(
            outputs, 0, prepared.pixels.shape[1:], self.test_cfg, self.min_safe_scores
        )
