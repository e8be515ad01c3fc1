"""The context stage (stage B): context pass, object features, context heads.

It reads the safety pass's features detached and adds to a bundle of its own, so
neither its values nor its gradients can reach a safety answer. What it does not
get (a clip, sound, a user) leaves the heads that need it without inputs; they are
then left out of the predictions and cost nothing in training.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from mmengine.model import BaseModule
from mmengine.structures import InstanceData
from torch import Tensor, nn

from maxsight_mm.models.heads import HeadSet
from maxsight_mm.models.losses.functional import connected_zero
from maxsight_mm.models.task_modules import context_targets
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle, TaskSample
from maxsight_mm.taxonomy import nearest_names
from maxsight_mm.taxonomy.conditions import CONDITIONS
from maxsight_mm.taxonomy.preferences import PREFERENCES

Answers = tuple[dict[str, Any], dict[str, Any]]
# What is known of the user, by its length; zeros are neutral.
_PROFILE = {'user': len(PREFERENCES), 'viewer_condition': len(CONDITIONS)}


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

    Attributes:
        gradient_scale: Factor on the gradients of all losses. Who sets it divides the
            gradients of the parameters by it (:class:`SafetyFirstScaler`).

    Raises:
        ValueError: If a safety head stands among the context heads, or attention
            across tasks makes a token that no head reads, but for heads that were
            dropped.
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
        tokens = getattr(getattr(self.context_pass, 'cross_task', None), 'tasks', ())
        dropped = {name for name, config in heads.items() if config is None}
        _check_tokens([task for task in tokens if task not in dropped], self.heads)
        self.max_objects = max_objects
        self.gradient_scale = 1.0

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
        made = [bundle[name] for name in bundle.keys() - features.keys()]
        wanted = {name for head in self.heads for name in head.targets}
        targets = context_targets(samples, sorted(wanted), inputs['img'].device)
        for name in {name for head in self.heads for name in head.teacher_keys}:
            if name in targets:
                bundle[name] = targets[name].values
        losses = self.heads.loss(self.heads(bundle), targets)
        # What no head reads would leave parameters without gradients.
        idle = connected_zero(_tensors_in(made))
        for name, value in losses.items():
            losses[name] = value + idle
            if losses[name].requires_grad:
                losses[name].register_hook(self._scaled)
        return losses

    def _scaled(self, gradient: Tensor) -> Tensor:
        return gradient * self.gradient_scale

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
            ``max_objects`` get nan, or -1. An image with an output that is not
            finite has ``context_error`` and no other answer: its labels would say
            something all the same, such as that nothing is in the way.

        Raises:
            ValueError: If a head answers for another number of images or objects
                than there are, or two give answers of one name.
        """
        most = [found[: self.max_objects] for found in objects]
        bundle = self._bundle(inputs, features, samples, most, safety_pass)
        outputs = self.heads(bundle)
        broken = _not_finite(outputs, len(samples))
        answers = self.heads.predict(_without(outputs, broken))
        shapes = {head.task: tuple(head.outputs.values())[0][:3] for head in self.heads}
        _check_lengths(answers, shapes, len(samples), max(map(len, most), default=0))
        return [
            _unavailable(broken[index])
            if broken[index]
            else _answers_of(
                answers, shapes, index, len(most[index]), len(objects[index])
            )
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
        sizes = [tuple(sample.img_shape[:2]) for sample in samples]
        if any(size != tuple(inputs['img'].shape[2:]) for size in sizes):
            bundle['image_sizes'] = torch.tensor(sizes, device=inputs['img'].device)
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


def _check_tokens(tasks: Sequence[str], heads: HeadSet) -> None:
    readers = [head.task for head in heads if 'task_tokens' in head.optional_inputs]
    for task in tasks:
        if task not in readers:
            near = nearest_names(task, readers, 1)
            raise ValueError(
                f'cross_task.tasks: no context head reads a token of {task!r}'
                + (f'; did you mean {near[0]!r}?' if near else '')
                + f' They are read by: {", ".join(readers) or "none"}'
            )


def _tensors_in(features: Iterable[Any]) -> list[Tensor]:
    """All tensors of nested features that gradients reach."""
    found: list[Tensor] = []
    for feature in features:
        if isinstance(feature, dict):
            found += _tensors_in(feature.values())
        elif isinstance(feature, tuple | list):
            found += _tensors_in(feature)
        elif isinstance(feature, Tensor) and feature.requires_grad:
            found.append(feature)
    return found


def _not_finite(outputs: dict[str, dict[str, Tensor]], batch: int) -> list[list[str]]:
    """For each image the tasks with an output that is not finite."""
    if not outputs:
        return [[] for _ in range(batch)]
    # One device synchronisation for all tasks.
    finite = torch.stack(
        [
            torch.stack(
                [v.isfinite().unsqueeze(-1).flatten(1).all(1) for v in of_task.values()]
            ).all(0)
            for of_task in outputs.values()
        ],
        dim=1,
    ).tolist()
    return [
        [task for task, ok in zip(outputs, row, strict=True) if not ok]
        for row in finite
    ]


def _without(outputs: dict, broken: list[list[str]]) -> dict:
    """The outputs with zeros for the images of which one is not finite."""
    if not any(broken):
        return outputs
    rows = [index for index, tasks in enumerate(broken) if tasks]
    cleared: dict[str, dict[str, Tensor]] = {}
    for task, of_task in outputs.items():
        cleared[task] = {name: value.clone() for name, value in of_task.items()}
        for value in cleared[task].values():
            value[rows] = 0
    return cleared


def _unavailable(broken: list[str]) -> Answers:
    return {'context_error': f'outputs are not finite: {", ".join(broken)}'}, {}


def _check_lengths(answers: dict, shapes: dict, batch: int, most: int) -> None:
    for task, of_task in answers.items():
        for key, values in of_task.items():
            wanted: tuple[int, ...] = (batch,)
            if isinstance(values, Tensor):
                wanted += (most,) * shapes[task].count('M')
                got = tuple(values.shape[: len(wanted)])
            else:
                got = (len(values),)
            if got != wanted:
                raise ValueError(
                    f'{task}: {key} must begin with sides {wanted}, got {got}'
                )


def _said(samples: list[TaskSample], name: str, like: Tensor, length: int) -> Tensor:
    """(B, length) what the samples say under ``name``; zeros where nobody said.

    Raises:
        ValueError: If a sample says another number of values.
    """
    rows = like.new_zeros(len(samples), length)
    for row, sample in zip(rows, samples, strict=True):
        said = sample.get('gt_tasks', {}).get(name)
        if said is None:
            said = sample.get(name)
        if said is None:
            continue
        values = torch.as_tensor(said).to(row)
        if values.shape != row.shape:
            raise ValueError(
                f'{name} must be {length} numbers, got shape {tuple(values.shape)}'
            )
        row.copy_(values)
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
            if name in of_image or name in of_objects:
                raise ValueError(f'two context heads give an answer {name!r}')
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
