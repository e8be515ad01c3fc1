"""Images, clips and sound of a batch as normalised tensors (our design).

A clip gets what the images get: the same mean, deviation, channel order and
padding, so that its last frame is the image. mmengine's ``pseudo_collate`` turns a
list of samples whose inputs are dicts into one dict of lists, which is what is read
here; no collate function of our own is needed.
"""

from collections.abc import Mapping, Sequence

import torch
from mmdet.models.data_preprocessors import DetDataPreprocessor
from mmengine.model import ImgDataPreprocessor
from torch import Tensor
from torch.nn import functional

from maxsight_mm.registry import MODELS
from maxsight_mm.structures import TaskSample


@MODELS.register_module()
class TaskDataPreprocessor(DetDataPreprocessor):
    """``DetDataPreprocessor`` for what ``PackTaskInputs`` makes.

    Inputs that are plain images give plain images. Inputs that are dicts give a dict
    with, as the samples have them,

    - ``img`` (B, 3, H, W) float32;
    - ``frames`` (B, T, 3, H, W) float32, oldest first, and ``frames_valid`` (B, T);
    - ``audio`` (B, 2, n) float32, and ``audio_valid`` (B,) bool: a sample whose sound
      is empty or not finite has zeros and False.

    Maps of ``gt_tasks`` that are as large as their image are padded with it, nan
    where they are float and -1 where they are whole numbers.

    Args:
        *args: As for ``DetDataPreprocessor``.
        audio_length: n, the samples of each sound.
        **kwargs: As for ``DetDataPreprocessor``.

    Raises:
        ValueError: If sounds have another length, clips differ in theirs, or batch
            augmentations, which move images only, meet a clip.
    """

    def __init__(self, *args, audio_length: int = 16_000, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.audio_length = audio_length

    def forward(self, data: dict, training: bool = False) -> dict:
        """Batches and normalises.

        Args:
            data: ``inputs``, a list of (3, H, W) uint8 images or a dict of lists,
                and ``data_samples``, a list or None.
            training: Whether batch augmentations are applied.
        """
        inputs = data['inputs']
        if not isinstance(inputs, Mapping):
            batch = super().forward(data, training)
            _pad_maps(batch['data_samples'])
            return batch
        if training and self.batch_augments is not None and 'clip' in inputs:
            raise ValueError('batch_augments move images but not their clips')
        batch = super().forward({**data, 'inputs': inputs['img']}, training)
        _pad_maps(batch['data_samples'])
        tensors = {'img': batch['inputs']}
        if 'clip' in inputs:
            tensors['frames'] = self._frames(inputs['clip'])
            tensors['frames_valid'] = torch.stack(self.cast_data(inputs['clip_valid']))
        if 'audio' in inputs:
            tensors['audio'], tensors['audio_valid'] = self._audio(inputs['audio'])
        return {'inputs': tensors, 'data_samples': batch['data_samples']}

    def _frames(self, clips: Sequence[Tensor]) -> Tensor:
        """(T, 3, H, W) uint8 each to (B, T, 3, H, W), padded as their images."""
        lengths = {len(clip) for clip in clips}
        if len(lengths) > 1:
            raise ValueError(f'clips of one batch differ in length: {sorted(lengths)}')
        frames = [frame for clip in clips for frame in clip]
        flat = ImgDataPreprocessor.forward(self, {'inputs': frames})['inputs']
        # (B*T, 3, H, W) -> (B, T, 3, H, W)
        return flat.unflatten(0, (len(clips), -1))

    def _audio(self, sounds: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """(2, n) or (2, 0) each to (B, 2, n) and (B,) bool."""
        sounds = self.cast_data(sounds)
        audio = torch.zeros(len(sounds), 2, self.audio_length, device=self.device)
        valid = torch.zeros(len(sounds), dtype=torch.bool, device=self.device)
        for index, sound in enumerate(sounds):
            if not sound.numel():
                continue
            if sound.shape != audio.shape[1:]:
                raise ValueError(
                    f'audio must be (2, {self.audio_length}) or empty, got '
                    f"{tuple(sound.shape)}: audio_length is LoadAudio's "
                    'sample_rate_hz x duration_s'
                )
            valid[index] = sound.isfinite().all()
            audio[index] = torch.where(valid[index], sound.float(), 0)
        return audio, valid


def _pad_maps(samples: list[TaskSample] | None) -> None:
    """Brings maps of the image's size to that of the batch, in place."""
    for sample in samples or ():
        height, width = sample.batch_input_shape
        shape = tuple(sample.img_shape[:2])
        if shape == (height, width) or 'gt_tasks' not in sample:
            continue
        for name, value in sample.gt_tasks.items():
            if isinstance(value, Tensor) and tuple(value.shape[-2:]) == shape:
                unknown = float('nan') if value.is_floating_point() else -1
                pad = (0, width - shape[1], 0, height - shape[0])
                padded = functional.pad(value, pad, value=unknown)
                sample.gt_tasks.set_field(padded, name)
