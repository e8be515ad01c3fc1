"""The tiers' model: the safety pass and its heads."""

import torch
from mmdet.models.detectors import BaseDetector
from mmengine.structures import BaseDataElement, InstanceData
from torch import Tensor

from maxsight_mm.models.heads import HeadSet
from maxsight_mm.registry import MODELS, TASK_UTILS
from maxsight_mm.structures import FeatureBundle, TaskSample

# What the decoder and the targets cannot do without.
_DETECTION_TASKS = ('objectness', 'classification', 'box')


@MODELS.register_module()
class MaxSightDetector(BaseDetector):
    """Images in, safety answers out.

    Args:
        safety_pass: Config of :class:`SafetyPass`.
        safety_heads: Head configs by name; see :class:`HeadSet`.
        train_cfg: Config of :class:`DenseTargets`.
        test_cfg: Config of :class:`DetectionDecoder`.
        data_preprocessor: Config of the data preprocessor.

    Raises:
        ValueError: If a detection head is missing, or a head among the safety
            heads has another criticality.
    """

    def __init__(
        self,
        safety_pass: dict,
        safety_heads: dict,
        train_cfg: dict,
        test_cfg: dict,
        data_preprocessor: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(data_preprocessor, init_cfg)
        self.safety_pass = MODELS.build(safety_pass)
        self.safety_heads = HeadSet(safety_heads, self.safety_pass.feature_channels)
        tasks = {head.task: head.criticality for head in self.safety_heads}
        missing = [task for task in _DETECTION_TASKS if task not in tasks]
        if missing:
            raise ValueError(f'safety_heads lack {", ".join(missing)}')
        foreign = [task for task, level in tasks.items() if level != 'safety']
        if foreign:
            raise ValueError(f'not safety heads: {", ".join(foreign)}')
        self.dense_targets = TASK_UTILS.build(dict(type='DenseTargets', **train_cfg))
        self.decoder = TASK_UTILS.build(dict(type='DetectionDecoder', **test_cfg))

    def extract_feat(
        self, batch_inputs: Tensor, batch_data_samples: list[TaskSample] | None = None
    ) -> FeatureBundle:
        """Features of the safety pass for (B, 3, H, W) images.

        With samples, the padding of a batch is kept out of the pooled feature.
        """
        shapes = batch_data_samples and [s.img_shape[:2] for s in batch_data_samples]
        return self.safety_pass(batch_inputs, shapes or None)

    def loss(
        self, batch_inputs: Tensor, batch_data_samples: list[TaskSample]
    ) -> dict[str, Tensor]:
        """Weighted losses by name for (B, 3, H, W) images."""
        features = self.extract_feat(batch_inputs, batch_data_samples)
        outputs = self.safety_heads(features)
        with torch.no_grad():
            answers = self.safety_heads.predict(outputs)
        wanted = {name for head in self.safety_heads for name in head.targets}
        targets = self.dense_targets(
            answers, features, batch_data_samples, sorted(wanted)
        )
        return self.safety_heads.loss(outputs, targets)

    def predict(
        self,
        batch_inputs: Tensor,
        batch_data_samples: list[TaskSample],
        rescale: bool = True,
    ) -> list[TaskSample]:
        """Detections and image answers, in place on the samples.

        Args:
            batch_inputs: (B, 3, H, W) float images.
            batch_data_samples: One sample an image.
            rescale: Give boxes in pixels of the original image.

        Returns:
            The samples, with ``pred_instances`` (see :class:`DetectionDecoder`)
            and ``pred_tasks``: ``urgency`` (1,) int64, ``urgency_scores`` (4,)
            and ``uncertainty`` (1,) float in [0, 1].
        """
        features = self.extract_feat(batch_inputs, batch_data_samples)
        outputs = self.safety_heads(features)
        answers = self.safety_heads.predict(outputs)
        for index, sample in enumerate(batch_data_samples):
            found = self.decoder(answers, index, sample.img_shape[:2])
            if rescale:
                found.bboxes = found.bboxes / _scale(found, sample)
            sample.pred_instances = found
            sample.pred_tasks = _image_answers(answers, index)
        return batch_data_samples

    def _forward(
        self, batch_inputs: Tensor, batch_data_samples: list[TaskSample] | None = None
    ) -> dict[str, dict[str, Tensor]]:
        """Raw outputs of every head, by task."""
        return self.safety_heads(self.extract_feat(batch_inputs))


def _scale(found: InstanceData, sample: TaskSample) -> Tensor:
    """(4,) factors from the original image to the network's input."""
    return found.bboxes.new_tensor(sample.scale_factor).repeat(2)


def _image_answers(answers: dict[str, dict[str, Tensor]], index: int):
    tasks = BaseDataElement()
    if 'urgency' in answers:
        tasks.urgency_scores = answers['urgency']['scores'][index]
        tasks.urgency = answers['urgency']['labels'][index].reshape(1)
    if 'uncertainty' in answers:
        tasks.uncertainty = answers['uncertainty']['scores'][index]
    return tasks
