"""The context stage (stage B): context pass, object features, context heads.

It reads the safety pass's features detached and adds to a bundle of its own, so
neither its values nor its gradients can reach a safety answer. What it does not
get (a clip, sound, a user) leaves the heads that need it without inputs; they are
then left out of the predictions and cost nothing in training.
"""

from collections.abc import Mapping
from typing import Any

import torch
from mmengine.model import BaseModule
from mmengine.structures import InstanceData
from torch import Tensor, nn

from maxsight_mm.models.heads import HeadSet
from maxsight_mm.models.task_modules import context_targets
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle, TaskSample

Answers = tuple[dict[str, Any], dict[str, Any]]
# What is known of the user, by its length; zeros are neutral.
_PROFILE = {'user': 8, 'viewer_condition': 13}

# Labels that heads read as inputs while they are taught.
_TEACHER_KEYS = ('caption_ids', 'text_quads')


@MODELS.register_module()
class ContextStage(BaseModule):
    """Everything that is not the safety answer.

    Args:
        context_pass: Config of :class:`ContextPass`.
        heads: Context head configs by name; see :class:`HeadSet`.
        safety_channels: Channels of the safety pyramid.
        instance_pooler: Config of :class:`InstancePooler`, for the heads that
            answer for objects.
        audio_features: Config of :class:`AudioFeatures`, for the sound.
        max_objects: Most detections, best first, that object heads answer for.

    Raises:
        ValueError: If a safety head stands among the context heads.
    """

    def __init__(
        self,
        context_pass: dict,
        heads: Mapping[str, dict | None],
        safety_channels: int,
        instance_pooler: dict | None = None,
        audio_features: dict | None = None,
        max_objects: int = 32,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.context_pass = MODELS.build(
            dict(context_pass, safety_channels=safety_channels)
        )
        channels = self.context_pass.feature_channels
        self.instance_pooler: nn.Module | None = None
        self.audio_features: nn.Module | None = None
        if instance_pooler is not None:
            self.instance_pooler = MODELS.build(
                dict(channels=channels['instance_features'], **instance_pooler)
            )
        if audio_features is not None:
            self.audio_features = MODELS.build(audio_features)
        self.heads = HeadSet(heads, channels, may_lack_inputs=True)
        safety = [head.task for head in self.heads if head.criticality == 'safety']
        if safety:
            raise ValueError(f'safety heads among the context heads: {safety}')
        self.max_objects = max_objects

    @property
    def reads(self) -> set[str]:
        """Feature keys that some head reads."""
        return {key for head in self.heads for key in head.inputs}

    def loss(
        self,
        inputs: dict[str, Tensor],
        features: FeatureBundle,
        samples: list[TaskSample],
        safety_pass: nn.Module,
    ) -> dict[str, Tensor]:
        """Weighted losses of the context heads; objects are the labelled ones.

        Args:
            inputs: ``img`` (B, 3, H, W) and, where given, ``frames``
                (B, T, 3, H, W), ``frames_valid``, ``audio``, ``audio_valid``.
            features: Bundle of the safety pass and its heads.
            samples: One an image.
            safety_pass: Gives the features of the clip's frames, in evaluation
                mode and without gradients.
        """
        objects = [sample.gt_instances for sample in samples]
        bundle = self._bundle(inputs, features, samples, objects, safety_pass)
        for name, target in context_targets(
            samples, _TEACHER_KEYS, inputs['img'].device
        ).items():
            bundle[name] = target.values
        outputs = self.heads(bundle)
        wanted = {name for head in self.heads for name in head.targets}
        targets = context_targets(samples, sorted(wanted), inputs['img'].device)
        return self.heads.loss(outputs, targets)

    def predict(
        self,
        inputs: dict[str, Tensor],
        features: FeatureBundle,
        samples: list[TaskSample],
        objects: list[InstanceData],
        safety_pass: nn.Module,
    ) -> list[Answers]:
        """Answers of each image and of each of its objects.

        Args:
            inputs: As for :meth:`loss`.
            features: Bundle of the safety pass and its heads.
            samples: One an image.
            objects: Detections with boxes in pixels of the network's input.
            safety_pass: As for :meth:`loss`.

        Returns:
            For each image two dicts of ``<task>_<answer>``: those of the image, and
            those of the objects, one row an object. Objects beyond
            ``max_objects`` get nan, or -1.

        Raises:
            FloatingPointError: If an output is not finite: its labels would say
                something all the same, such as that nothing is in the way.
        """
        most = [found[: self.max_objects] for found in objects]
        bundle = self._bundle(inputs, features, samples, most, safety_pass)
        outputs = self.heads(bundle)
        _raise_if_not_finite(outputs)
        answers = self.heads.predict(outputs)
        shapes = {head.task: tuple(head.outputs.values())[0][:3] for head in self.heads}
        return [
            _answers_of(answers, shapes, index, len(most[index]), len(objects[index]))
            for index in range(len(samples))
        ]

    def _bundle(self, inputs, features, samples, objects, safety_pass) -> FeatureBundle:
        bundle = FeatureBundle(
            {name: _detached(value) for name, value in features.items()}
        )
        for name in ('frames', 'frames_valid'):
            if name in inputs:
                bundle[name] = inputs[name]
        bundle['images'] = inputs['img']
        needs_clip = self.context_pass.needs_clip or 'clip_pyramid' in self.reads
        if 'frames' in inputs and needs_clip:
            bundle['clip_pyramid'] = _clip_pyramid(safety_pass, inputs['frames'])
        if 'audio' in inputs and self.audio_features is not None:
            bundle.update(self.audio_features(inputs['audio'], inputs['audio_valid']))
        for name, length in _PROFILE.items():
            bundle[name] = _said(samples, name, inputs['img'], length)
        self.context_pass(bundle)
        if self.instance_pooler is not None:
            self._add_instances(bundle, objects, inputs['img'].shape[-2:])
        return bundle

    def _add_instances(self, bundle, objects: list[InstanceData], size) -> None:
        assert self.instance_pooler is not None
        device = bundle['images'].device
        most = max((len(found) for found in objects), default=0)
        boxes = torch.zeros(len(objects), most, 4, device=device)
        labels = torch.zeros(len(objects), most, dtype=torch.int64, device=device)
        mask = torch.zeros(len(objects), most, dtype=torch.bool, device=device)
        for i, found in enumerate(objects):
            boxes[i, : len(found)] = found.bboxes
            labels[i, : len(found)] = found.labels
            mask[i, : len(found)] = True
        bundle['instance_boxes'], bundle['instance_labels'] = boxes, labels
        bundle['instance_mask'] = mask
        bundle['instance_features'] = self.instance_pooler(
            bundle['context_pyramid'], boxes, mask, size, labels
        )


def _detached(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_detached(item) for item in value)
    return value.detach() if isinstance(value, Tensor) else value


@torch.no_grad()
def _clip_pyramid(safety_pass: Any, frames: Tensor) -> tuple[Tensor, ...]:
    """(B, T, C, H_l, W_l) of each level, as the safety pass sees them when it answers.

    In evaluation mode, so that frames of a clip never enter its batch norm
    statistics.
    """
    batch, length = frames.shape[:2]
    was_training = safety_pass.training
    safety_pass.eval()
    try:
        # (B, T, 3, H, W) -> (B*T, 3, H, W)
        pyramid = safety_pass.extract_pyramid(frames.flatten(0, 1))
    finally:
        safety_pass.train(was_training)
    return tuple(level.unflatten(0, (batch, length)) for level in pyramid)


def _raise_if_not_finite(outputs: dict[str, dict[str, Tensor]]) -> None:
    if not outputs:
        return
    # One device synchronisation for all tasks.
    finite = torch.stack(
        [
            torch.stack([value.isfinite().all() for value in of_task.values()]).all()
            for of_task in outputs.values()
        ]
    )
    broken = [task for task, ok in zip(outputs, finite.tolist(), strict=True) if not ok]
    if broken:
        raise FloatingPointError(f'outputs are not finite: {", ".join(broken)}')


def _said(samples: list[TaskSample], name: str, like: Tensor, length: int) -> Tensor:
    """(B, length) what the samples say under ``name``; zeros where nobody said."""
    rows = like.new_zeros(len(samples), length)
    for row, sample in zip(rows, samples, strict=True):
        said = sample.get('gt_tasks', {}).get(name)
        if said is None:
            said = sample.get(name)
        if said is not None:
            row.copy_(torch.as_tensor(said).to(row))
    return rows


def _answers_of(
    answers: dict, shapes: dict, index: int, num_answered: int, num_objects: int
) -> Answers:
    """Answers of one image, cut to its objects."""
    of_image: dict[str, Any] = {}
    of_objects: dict[str, Any] = {}
    for task, of_task in answers.items():
        for key, values in of_task.items():
            name, value = f'{task}_{key}', values[index]
            if shapes[task][1:] == ('M', 'M'):
                of_image[name] = value[:num_answered, :num_answered]
            elif shapes[task][1:2] == ('M',) and isinstance(value, Tensor):
                of_objects[name] = _padded(value[:num_answered], num_objects)
            elif isinstance(value, Tensor) and value.ndim == 0:
                of_image[name] = value.reshape(1)
            else:
                of_image[name] = value
    return of_image, of_objects


def _padded(value: Tensor, length: int) -> Tensor:
    unknown = float('nan') if value.is_floating_point() else -1
    rest = value.new_full((length - len(value), *value.shape[1:]), unknown)
    return torch.cat([value, rest])
