"""The tiers' model: the safety pass and its heads, and a context stage around them.

The safety answers are computed first and from nothing but the image. The context
stage gets detached features and its own parameters; in a prediction whatever it
raises is reported as *unavailable* beside the safety answers.
"""

import logging
from typing import Any

import torch
from mmdet.models.detectors import BaseDetector
from mmengine.logging import print_log
from mmengine.structures import BaseDataElement, InstanceData
from torch import Tensor

from maxsight_mm.models.heads import HeadSet
from maxsight_mm.models.task_losses import TaskLossParser
from maxsight_mm.registry import MODELS, TASK_UTILS
from maxsight_mm.structures import FeatureBundle, TaskSample

# What the decoder and the targets cannot do without.
_DETECTION_TASKS = ('objectness', 'classification', 'box')

Inputs = Tensor | dict[str, Tensor]


@MODELS.register_module()
class MaxSightDetector(TaskLossParser, BaseDetector):
    """Images in, safety answers out; with a context stage, all other answers too.

    Args:
        safety_pass: Config of :class:`SafetyPass`.
        safety_heads: Head configs by name; see :class:`HeadSet`.
        train_cfg: Config of :class:`DenseTargets`.
        test_cfg: Config of :class:`DetectionDecoder`.
        context_stage: Config of :class:`ContextStage` (tiers T1 to T5), ``None``
            for the safety pass alone.
        data_preprocessor: Config of the data preprocessor.

    Attributes:
        run_context: Whether predictions run the context stage.

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
        context_stage: dict | None = None,
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
        self.context_stage = None
        if context_stage is not None:
            self.context_stage = MODELS.build(
                dict(
                    type='ContextStage',
                    safety_channels=self.safety_pass.pyramid_channels,
                    **context_stage,
                )
            )
            twice = sorted(tasks.keys() & {h.task for h in self.context_stage.heads})
            if twice:
                raise ValueError(f'two heads share a task: {", ".join(twice)}')
        self.run_context = True

    def extract_feat(
        self, batch_inputs: Inputs, batch_data_samples: list[TaskSample] | None = None
    ) -> FeatureBundle:
        """Features of the safety pass for (B, 3, H, W) images.

        With samples, the padding of a batch is kept out of the pooled feature.
        """
        shapes = batch_data_samples and [s.img_shape[:2] for s in batch_data_samples]
        return self.safety_pass(_images(batch_inputs), shapes or None)

    def loss(
        self, batch_inputs: Inputs, batch_data_samples: list[TaskSample]
    ) -> dict[str, Tensor]:
        """Weighted losses by name.

        Args:
            batch_inputs: (B, 3, H, W) images, or the dict of
                :class:`TaskDataPreprocessor`.
            batch_data_samples: One sample an image.
        """
        features = self.extract_feat(batch_inputs, batch_data_samples)
        outputs = self.safety_heads(features)
        with torch.no_grad():
            answers = self.safety_heads.predict(outputs)
        wanted = {name for head in self.safety_heads for name in head.targets}
        targets = self.dense_targets(
            answers, features, batch_data_samples, sorted(wanted)
        )
        losses = self.safety_heads.loss(outputs, targets)
        if self.context_stage is not None:
            losses |= self.context_stage.loss(
                _as_dict(batch_inputs), features, batch_data_samples, self.safety_pass
            )
        return losses

    def predict(
        self,
        batch_inputs: Inputs,
        batch_data_samples: list[TaskSample],
        rescale: bool = True,
    ) -> list[TaskSample]:
        """Detections and image answers, in place on the samples.

        Args:
            batch_inputs: (B, 3, H, W) float images, or the dict of
                :class:`TaskDataPreprocessor`.
            batch_data_samples: One sample an image.
            rescale: Give boxes in pixels of the original image.

        Returns:
            The samples, with ``pred_instances`` (see :class:`DetectionDecoder`)
            and ``pred_tasks``: ``urgency`` (1,) int64, ``urgency_scores`` (4,)
            and ``uncertainty`` (1,) float in [0, 1]. The context stage adds
            ``<task>_<answer>`` to them; where it failed, ``context_error`` says why
            and nothing else of it is there.
        """
        features = self.extract_feat(batch_inputs, batch_data_samples)
        outputs = self.safety_heads(features)
        answers = self.safety_heads.predict(outputs)
        boxes = []
        for index, sample in enumerate(batch_data_samples):
            found = self.decoder(answers, index, sample.img_shape[:2])
            # Copies: the context stage may do with them what it likes.
            boxes.append(
                InstanceData(bboxes=found.bboxes.clone(), labels=found.labels.clone())
            )
            if rescale:
                found.bboxes = found.bboxes / _scale(found, sample)
            sample.pred_instances = found
            sample.pred_tasks = _image_answers(answers, index)
        if self.context_stage is not None and self.run_context:
            self._add_context(batch_inputs, features, batch_data_samples, boxes)
        return batch_data_samples

    def _add_context(self, batch_inputs, features, samples, boxes) -> None:
        """Context answers on the samples; a failure there stays there."""
        assert self.context_stage is not None
        try:
            answers = self.context_stage.predict(
                _as_dict(batch_inputs), features, samples, boxes, self.safety_pass
            )
            published = [
                (_with(sample.pred_tasks, of_image), _with(sample.pred_instances, rest))
                for sample, (of_image, rest) in zip(samples, answers, strict=True)
            ]
        # Whatever it is: a context failure may never cost the safety answer.
        except Exception as error:
            for sample in samples:
                sample.pred_tasks.context_error = f'{type(error).__name__}: {error}'
        else:
            for sample, (of_image, of_objects) in zip(samples, published, strict=True):
                sample.pred_tasks, sample.pred_instances = of_image, of_objects
        reasons = {sample.pred_tasks.get('context_error') for sample in samples}
        for reason in sorted(reasons - {None}):
            print_log(
                f'context unavailable: {reason}', logger='current', level=logging.ERROR
            )

    def _forward(
        self, batch_inputs: Inputs, batch_data_samples: list[TaskSample] | None = None
    ) -> dict[str, dict[str, Tensor]]:
        """Raw outputs of every safety head, by task."""
        return self.safety_heads(self.extract_feat(batch_inputs))


def _as_dict(inputs: Inputs) -> dict[str, Tensor]:
    return inputs if isinstance(inputs, dict) else dict(img=inputs)


def _images(inputs: Inputs) -> Tensor:
    return inputs['img'] if isinstance(inputs, dict) else inputs


def _scale(found: InstanceData, sample: TaskSample) -> Tensor:
    """(4,) factors from the original image to the network's input."""
    return found.bboxes.new_tensor(sample.get('scale_factor', (1.0, 1.0))).repeat(2)


def _with(holder: BaseDataElement, fields: dict[str, Any]) -> Any:
    """The holder with more fields; the one given, and its fields, stay as they are."""
    more = holder.clone()
    for name, value in fields.items():
        if name in holder:
            raise ValueError(
                f'{name!r} is a safety answer; a context head gives it too'
            )
        if isinstance(holder, InstanceData) and len(value) != len(holder):
            raise ValueError(f'{name}: {len(value)} answers for {len(holder)} objects')
        more.set_field(value, name)
    return more


def _image_answers(answers: dict[str, dict[str, Tensor]], index: int):
    tasks = BaseDataElement()
    if 'urgency' in answers:
        tasks.urgency_scores = answers['urgency']['scores'][index]
        tasks.urgency = answers['urgency']['labels'][index].reshape(1)
    if 'uncertainty' in answers:
        tasks.uncertainty = answers['uncertainty']['scores'][index]
    return tasks
