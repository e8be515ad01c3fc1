"""Packs the results of the pipeline into tensors and a ``TaskSample``."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmcv.transforms import to_tensor
from mmdet.datasets.transforms import PackDetInputs
from mmengine.structures import BaseDataElement, InstanceData

from ...registry import TRANSFORMS
from ...structures.task_sample import TaskSample
from ..coco_extras import TASK_TYPES
from .moved_texts import moved_texts
from .object_labels import is_labelled, kept_relations
from .recorded_geometry import check_geometry
from .task_random_flip import is_mirrored, sided_labels

# Modality -> the step of the pipeline that loads it.
MODALITIES = {'img': 'LoadSafeImage', 'clip': 'LoadClip', 'audio': 'LoadAudio'}


@TRANSFORMS.register_module()
class PackTaskInputs(PackDetInputs):
    """``PackDetInputs`` that also packs the labels of all tasks.

    The result has ``inputs`` and ``data_samples``, a ``TaskSample``: per-object
    fields go to ``gt_instances`` and ``ignored_instances``, image-level labels to
    ``gt_tasks``. A field nobody labelled is left out. Which image-level labels are
    rules of thumb stands in ``gt_tasks.metainfo['heuristic']``, and under
    ``heuristic`` in the dict form of ``gt_tasks``.

    For the image alone ``inputs`` is its (3, H, W) tensor. With other modalities it
    is a dict of ``img``, ``clip`` (T, 3, H, W) uint8 with ``clip_valid`` bool (T,),
    and ``audio`` (2, n) float32, (2, 0) where the sample has no sound.

    Args:
        meta_keys: Results that the sample keeps as metainfo, where they are there.
        modalities: 'img' and, of 'clip' and 'audio', what the model takes beside it.

    Raises:
        ValueError: If a modality is unknown or not loaded; if a transform changed
            the boxes but not the labels beside them, mirrored the image but not the
            labels that know sides, or moved it after its maps or clip were loaded.
    """

    def __init__(
        self,
        meta_keys: tuple[str, ...] = (
            'img_id',
            'img_path',
            'ori_shape',
            'img_shape',
            'scale_factor',
            'flip',
            'flip_direction',
            'video_id',
            'frame_id',
            'focal_px',
            'audio_channels',
            'audio_start_s',
            'groups',
        ),
        modalities: Sequence[str] = ('img',),
    ) -> None:
        super().__init__(meta_keys)
        unknown = [name for name in modalities if name not in MODALITIES]
        if unknown or 'img' not in modalities:
            raise ValueError(
                f"modalities must be 'img' and others of {tuple(MODALITIES)}, "
                f'got {modalities!r}'
            )
        self.modalities = tuple(modalities)

    def transform(self, results: dict) -> dict:
        """Packs ``img``, the boxes, ``gt_instance_tasks`` and ``gt_tasks``."""
        _check_sides(results)
        check_geometry(results)
        packed = super().transform(results)
        sample = TaskSample()
        sample.update(packed['data_samples'])
        count = len(results.get('gt_bboxes', ()))
        ignored = np.asarray(results.get('gt_ignore_flags', np.zeros(count)), bool)
        fields = results.get('gt_instance_tasks', {})
        for name, values in fields.items():
            if len(values) != count:
                raise ValueError(
                    f'{results.get("img_path", "image")}: {count} boxes but '
                    f'{len(values)} {name}: a transform of the pipeline changed the '
                    'boxes and not gt_instance_tasks; use RandomZoom in place of '
                    'crops, or call object_labels.select_objects in it'
                )
            _set_field(sample.gt_instances, name, values[~ignored])
            _set_field(sample.ignored_instances, name, values[ignored])
        tasks = dict(results.get('gt_tasks', {}))
        if 'relations' in tasks:
            tasks['relations'] = kept_relations(tasks['relations'], ~ignored)
        if 'texts' in tasks:
            tasks['texts'] = moved_texts(tasks['texts'], results)
        heuristic = [n for n in results.get('heuristic_tasks', ()) if n in tasks]
        sample.gt_tasks = BaseDataElement(
            metainfo={'heuristic': tuple(heuristic)} if heuristic else None,
            **{name: _packed(name, value) for name, value in tasks.items()},
        )
        packed['data_samples'] = sample
        if len(self.modalities) > 1:
            packed['inputs'] = self._inputs(packed['inputs'], results)
        return packed

    def _inputs(self, image: torch.Tensor, results: dict) -> dict[str, torch.Tensor]:
        for name in self.modalities:
            if name not in results:
                raise ValueError(
                    f'{results.get("img_path", "image")}: no {name} to pack; put '
                    f'{MODALITIES[name]} into the pipeline'
                )
        inputs = {'img': image}
        if 'clip' in self.modalities:
            # (T, H, W, 3) -> (T, 3, H, W)
            clip = np.ascontiguousarray(results['clip'].transpose(0, 3, 1, 2))
            inputs['clip'] = torch.from_numpy(clip)
            inputs['clip_valid'] = torch.from_numpy(results['clip_valid'])
        if 'audio' in self.modalities:
            inputs['audio'] = torch.from_numpy(results['audio'])
        return inputs


def _set_field(instances: InstanceData, name: str, values: np.ndarray) -> None:
    if not is_labelled(values).any():
        return
    instances[name] = (
        values.tolist() if values.dtype == object else torch.from_numpy(values.copy())
    )


def _packed(name: str, value: Any) -> Any:
    """Whole numbers to int64 (1,), others to float32 (1,), arrays to tensors.

    A task with a type of its own has that type whatever way its number is written,
    so that a batch does not mix types.
    """
    if isinstance(value, np.ndarray):
        return to_tensor(np.ascontiguousarray(value))
    if name in TASK_TYPES:
        value = TASK_TYPES[name](value)
    if isinstance(value, bool | int | np.integer):
        return torch.tensor([int(value)])
    if isinstance(value, float | np.floating):
        return torch.tensor([float(value)], dtype=torch.float32)
    return value


def _check_sides(results: dict) -> None:
    if not is_mirrored(results) or results.get('tasks_mirrored'):
        return
    if sided := sided_labels(results):
        raise ValueError(
            f'{results.get("img_path", "image")}: the image is mirrored but '
            f'{", ".join(sided)} are not; use TaskRandomFlip in place of RandomFlip'
        )
