"""An image classifier whose tasks are a named dict.

Safe or unsafe is the dict with one task; action, severity and offence are three. The
heads share a backbone, an image without a label of a task does not teach that task.
"""

import torch
from mmengine.model import BaseModel, ModuleDict
from mmengine.structures import BaseDataElement
from torch import Tensor

from maxsight_mm.models.losses.functional import connected_zero
from maxsight_mm.models.task_losses import TaskLossParser
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import TaskSample

from .batch_mix import BatchMix, Mix
from .class_head import ClassHead


@MODELS.register_module()
class ImageTaskClassifier(TaskLossParser, BaseModel):
    """Backbone, mean over the image, one :class:`ClassHead` a task.

    Args:
        backbone: Config of a backbone, such as MMDetection's ``ResNet``; of several
            levels the last is taken.
        heads: Head configs by task; ``None`` drops one of the base config. A head's
            ``type`` defaults to ``ClassHead``.
        feature_channels: C of the backbone's last level.
        freeze_backbone: Train the heads alone: no gradients into the backbone, and its
            batch norms keep their statistics.
        batch_mix: Config of :class:`BatchMix`, in training.
        data_preprocessor: Config of the data preprocessor.

    Raises:
        ValueError: If there is no head.
    """

    def __init__(
        self,
        backbone: dict,
        heads: dict[str, dict | None],
        feature_channels: int,
        freeze_backbone: bool = False,
        batch_mix: dict | None = None,
        data_preprocessor: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        # mmengine would look for it among its own alone.
        super().__init__(
            data_preprocessor and MODELS.build(data_preprocessor), init_cfg
        )
        self.backbone = MODELS.build(backbone)
        built = {}
        for task, config in heads.items():
            if config is None:
                continue
            config = {'type': 'ClassHead', 'in_channels': feature_channels, **config}
            try:
                built[task] = MODELS.build(config)
            except ValueError as error:
                raise ValueError(f'head {task!r}: {error}') from error
        if not built:
            raise ValueError('ImageTaskClassifier: no heads')
        self.heads: dict[str, ClassHead] = ModuleDict(built)
        self.freeze_backbone = freeze_backbone
        if freeze_backbone:
            self.backbone.requires_grad_(False)
        self.batch_mix: BatchMix | None = None
        if batch_mix is not None:
            self.batch_mix = MODELS.build(batch_mix)

    def train(self, mode: bool = True) -> 'ImageTaskClassifier':
        """As in torch, but a frozen backbone stays in evaluation mode."""
        super().train(mode)
        if self.freeze_backbone:
            self.backbone.eval()
        return self

    def extract_feat(self, inputs: Tensor) -> Tensor:
        """(B, 3, H, W) images to (B, C) float32 features."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and self._learns):
            feature = self.backbone(inputs)
        if isinstance(feature, tuple | list):
            feature = feature[-1]
        return feature.mean(dim=(2, 3))

    @property
    def _learns(self) -> bool:
        return not self.freeze_backbone

    def forward(
        self,
        inputs: Tensor,
        data_samples: list[TaskSample] | None = None,
        mode: str = 'tensor',
    ) -> dict[str, Tensor] | list[TaskSample]:
        """Logits by task (``tensor``), losses (``loss``) or answers (``predict``).

        Args:
            inputs: (B, 3, H, W) float images, normalised.
            data_samples: One sample an image; needed but for ``tensor``.
        """
        if mode == 'tensor':
            feature = self.extract_feat(inputs)
            return {task: head(feature) for task, head in self.heads.items()}
        assert data_samples is not None, "only mode='tensor' goes without samples"
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        raise ValueError(f'mode must be tensor, loss or predict, got {mode!r}')

    def loss(self, inputs: Tensor, data_samples: list[TaskSample]) -> dict[str, Tensor]:
        """``loss_<task>`` of each task; a task without a label in the batch costs 0.

        Raises:
            ValueError: If a label is none of the head's classes.
        """
        mix = self.batch_mix(inputs) if self.batch_mix else None
        feature = self.extract_feat(mix.images if mix else inputs)
        losses = {}
        for task, head in self.heads.items():
            labels = torch.tensor(
                [_label(sample, task) for sample in data_samples], device=inputs.device
            )
            if (labels >= head.num_classes).any():
                raise ValueError(
                    f'task {task!r}: label {int(labels.max())}, but the head has '
                    f'{head.num_classes} classes'
                )
            logits = head(feature)
            index, labels, share = _labelled(labels, mix)
            if len(index):
                losses[f'loss_{task}'] = head.loss(logits[index], labels, share)
            else:
                losses[f'loss_{task}'] = connected_zero([logits])
        return losses

    def predict(
        self, inputs: Tensor, data_samples: list[TaskSample]
    ) -> list[TaskSample]:
        """The samples with ``pred_tasks``.

        For each task: ``<task>`` (1,) int64, the class of the largest score;
        ``<task>_scores`` (K,) in [0, 1] and ``<task>_logits`` (K,) float32.
        """
        feature = self.extract_feat(inputs)
        for sample in data_samples:
            sample.pred_tasks = BaseDataElement()
        for task, head in self.heads.items():
            logits = head(feature).float()
            scores = head.scores(logits)
            for sample, own_logits, own_scores in zip(
                data_samples, logits, scores, strict=True
            ):
                tasks = sample.pred_tasks
                tasks.set_field(own_scores.argmax().reshape(1), task)
                tasks.set_field(own_scores, f'{task}_scores')
                tasks.set_field(own_logits, f'{task}_logits')
        return data_samples


def _label(sample: TaskSample, task: str) -> int:
    label = sample.gt_tasks.get(task)
    return -1 if label is None else int(label)


def _labelled(labels: Tensor, mix: Mix | None) -> tuple[Tensor, Tensor, Tensor]:
    """(M,) places in the batch, labels there and shares; -1 in ``labels`` is none."""
    index = torch.arange(len(labels), device=labels.device)
    share = torch.ones(len(labels), device=labels.device)
    if mix is not None:
        index = torch.cat([index, index])
        labels = torch.cat([labels, labels[mix.partner]])
        share = torch.cat([share * mix.share, share * (1 - mix.share)])
    known = labels >= 0
    return index[known], labels[known], share[known]
