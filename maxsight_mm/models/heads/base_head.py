"""What every head is: declared inputs, targets and outputs, and four methods.

A head owns its layers, its formula and its reading of the result. What all heads
share (routing, unlabelled samples, weights, name collisions, non-finite values)
is done once, in :class:`~maxsight_mm.models.heads.head_set.HeadSet`.
"""

from abc import ABCMeta, abstractmethod
from typing import Any, ClassVar, Literal

from mmengine.model import BaseModule
from torch import Tensor

from maxsight_mm.structures import FeatureBundle

Criticality = Literal['safety', 'navigation', 'enhancement']


class BaseHead(BaseModule, metaclass=ABCMeta):
    """Base of all heads.

    Attributes:
        task: Name of the task; loss names start with ``loss_<task>`` and the
            outputs are offered to later heads as ``<task>.<output>``.
        criticality: ``safety``, ``navigation`` or ``enhancement``.
        inputs: Keys of the :class:`FeatureBundle` that ``forward`` reads.
        optional_inputs: Keys that ``forward`` reads where they are there.
        teacher_keys: Targets that ``forward`` reads while it is taught; the bundle
            then holds them under their names.
        targets: Names of the targets ``loss`` needs; all of one head's targets
            share the same leading shape, (B,) or (B, N).
        each_target_counts: ``loss`` leaves out what is nan in each of its float targets
            of one number: a place where one of them is unknown still teaches the
            others, and one that nobody labelled is given as nan.

    Args:
        loss_weight: Factor on each loss of this head, at least 0.

    Raises:
        ValueError: If ``loss_weight`` is negative.
    """

    task: ClassVar[str]
    criticality: ClassVar[Criticality]
    inputs: ClassVar[tuple[str, ...]]
    optional_inputs: ClassVar[tuple[str, ...]] = ()
    teacher_keys: ClassVar[tuple[str, ...]] = ()
    targets: ClassVar[tuple[str, ...]]
    each_target_counts: ClassVar[bool] = False

    def __init__(
        self, loss_weight: float = 1.0, init_cfg: dict | list[dict] | None = None
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if loss_weight < 0:
            raise ValueError(
                f'{type(self).__name__}: loss_weight must be >= 0, got {loss_weight}'
            )
        self.loss_weight = loss_weight

    @property
    @abstractmethod
    def outputs(self) -> dict[str, tuple[str | int, ...]]:
        """Shape of each output: 'B' batch, 'N' locations, an int is itself."""

    @property
    def loss_names(self) -> tuple[str, ...]:
        """Every key ``loss`` returns, whatever the batch: equal on all ranks."""
        return (f'loss_{self.task}',)

    @abstractmethod
    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        """Map features to the declared outputs, in training and evaluation alike."""

    @abstractmethod
    def loss(
        self, outputs: dict[str, Tensor], targets: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Unweighted scalar losses, one for each of ``loss_names``.

        Args:
            outputs: The declared outputs where the targets are labelled: the
                leading shape is flattened to (M, ...) with M >= 1.
            targets: The declared targets at the same M places.
        """

    @abstractmethod
    def predict(self, outputs: dict[str, Tensor]) -> dict[str, Any]:
        """Turn outputs into answers (scores in [0, 1], labels, boxes).

        An answer is a tensor with the leading side B, or, where images have answers
        of different lengths or in words, a list of B.
        """
